import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  describeCluster,
  makeClaim,
  makeStaticVolume,
  parseVersion,
  type RunningCluster,
  startCluster,
} from '@recac/e2e-cluster';
import { createKubernetesEngine } from '@recac/engine-k8s';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { holdVolume } from '../../src/kubernetes/held-volume.ts';

vi.setConfig({ testTimeout: 400_000, hookTimeout: 240_000 });

const image = 'recac-test/busybox:1';
const forever = ['sh', '-c', 'while :; do echo x; sleep 1; done'];
const namespace = 'default';
const claimName = 'work';
const workspace = { type: 'persistentVolumeClaim', claimName, subPath: 'shared' } as const;

describeCluster('a cluster whose nodes fail', () => {
  let cluster: RunningCluster;
  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'recac-node-faults-'));
    const version = parseVersion(process.env.RECAC_TEST_KUBERNETES_VERSION);
    cluster = await startCluster({ directory, version, nodes: 2 });
  });
  afterAll(() => cluster.stop());

  const kubectl = (...args: string[]): Promise<string> => cluster.kubectl(...args);
  const openEngine = (node: 'recac-node' | 'recac-node-2') =>
    createKubernetesEngine({ kubeconfig: cluster.kubeconfig, nodeSelector: { 'kubernetes.io/hostname': node } });
  const isEmpty = async (...others: readonly string[]): Promise<void> => {
    const left = (): Promise<string> => kubectl('get', 'jobs,pods,networkpolicies', '-o', 'name');
    await expect.poll(left, { timeout: 120_000, interval: 500 }).toBe(others.map((name) => `${name}\n`).join(''));
  };
  const isReady = async (): Promise<void> => {
    const path = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}{.spec.taints}';
    const state = (): Promise<string> => kubectl('get', 'node', 'recac-node-2', '-o', path);
    await expect.poll(state, { timeout: 120_000, interval: 500 }).toBe('True');
  };

  /** Until the kubelet has said that a pod runs, which it does a while after commands do, Kubernetes has nothing to take back when the node dies. */
  const isPublished = async (): Promise<void> => {
    const path = 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}';
    await expect.poll(() => kubectl('get', 'pods', '-o', path), { timeout: 60_000 }).toBe('True');
  };

  const revive = async (): Promise<void> => {
    await cluster.reviveSecondNode();
    await isReady();
  };
  afterEach(() => kubectl('delete', 'jobs,pods', '--all', '--force'));

  test.for([
    {
      how: 'a drain',
      fail: ['drain', 'recac-node-2', '--ignore-daemonsets', '--delete-emptydir-data'],
      mend: ['uncordon', 'recac-node-2'],
      reason: /evicted/,
    },
    {
      how: 'a NoExecute taint',
      fail: ['taint', 'node', 'recac-node-2', 'full=yes:NoExecute'],
      mend: ['taint', 'node', 'recac-node-2', 'full-'],
      reason: /its node was tainted/,
    },
  ])('row 39: $how is a loss of the environment, not a failure of its command', async ({ fail, mend, reason }) => {
    await using _mended = { [Symbol.asyncDispose]: async () => void (await kubectl(...mend)) };
    await using engine = openEngine('recac-node-2');
    const { id } = await engine.startEnvironment({ sessionId: 'evicted', image });
    const running = engine.exec(id, forever);
    await kubectl(...fail);
    const { outcome, exitCode } = await running;
    expect(outcome).toMatchObject({ type: 'lost', reason: expect.stringMatching(reason) });
    expect(exitCode).not.toBe(0);
    await engine.stopEnvironment(id);
    await isEmpty();
  });

  test('row 34: every node is cordoned: the pending limit says so, and nothing is left', async () => {
    const nodes = ['recac-node', 'recac-node-2'];
    await using _mended = { [Symbol.asyncDispose]: async () => void (await kubectl('uncordon', ...nodes)) };
    await using engine = createKubernetesEngine({ kubeconfig: cluster.kubeconfig });
    await kubectl('cordon', ...nodes);
    const started = engine.startEnvironment({ sessionId: 'cordoned', image, pendingTimeoutMs: 5_000 });
    await expect(started).rejects.toMatchObject({
      code: 'RECAC_ENVIRONMENT_START_TIMEOUT',
      message: expect.stringMatching(/cordoned.*Unschedulable.*kubectl uncordon/s),
    });
    await isEmpty();
  });

  test('row 37: a claim of one node that is used there: another node waits, the reason is shown, and all can be deleted', async () => {
    const claim = await makeClaim({ kubeconfig: cluster.kubeconfig, namespace, claimName });
    await using engine = openEngine('recac-node-2');
    const { id } = await engine.startEnvironment({ sessionId: 'has-it', image, workspace });
    await using other = openEngine('recac-node');
    const mount = { ...workspace, subPath: 'other' };
    const started = other.startEnvironment({
      sessionId: 'wants-it',
      image,
      workspace: mount,
      pendingTimeoutMs: 5_000,
    });
    await expect(started).rejects.toMatchObject({ message: expect.stringMatching(/no node.*volume|node.*affinity/) });
    await engine.stopEnvironment(id);
    const again = other.startEnvironment({ sessionId: 'wants-it', image, workspace, pendingTimeoutMs: 3_000 });
    await expect(again).rejects.toMatchObject({
      message: expect.stringMatching(/no node that the workspace's volume can be used on.*PersistentVolume/),
    });
    await isEmpty();
    await claim[Symbol.asyncDispose]();
    await expect.poll(() => kubectl('get', 'pvc', '-o', 'name'), { timeout: 60_000 }).toBe('');
  });

  test('row 37: a volume that is attached to a node that is lost: who holds it is named, early, and that it is still attached once that is gone', async () => {
    await using held = await holdVolume(cluster);
    const { claimName, volume, holder } = held;
    const now = performance.now.bind(performance);
    const clock = vi.spyOn(performance, 'now');
    await using _clock = { [Symbol.asyncDispose]: async () => clock.mockRestore() };
    await using engine = openEngine('recac-node');
    const wanted = { sessionId: 'wants-it', image, workspace: { type: 'persistentVolumeClaim', claimName } } as const;
    const oneMinuteLater = ({ message = '' }): void =>
      void (message.includes(holder) && clock.mockImplementation(() => now() + 61_000));
    await expect(engine.startEnvironment(wanted, { onEvent: oneMinuteLater })).rejects.toMatchObject({
      code: 'RECAC_WORKSPACE_CONFLICT',
      message: expect.stringMatching(`${volume} .*on another by pod\\(s\\) ${holder}\\. Stop`),
      details: {
        phase: 'start',
        reason: 'MultiAttach',
        evidence: [expect.stringMatching(`${volume}.*already used by pod\\(s\\) ${holder}`)],
      },
    });
    await isEmpty(`pod/${holder}`);

    await held.forgetHolder();
    await expect(engine.startEnvironment({ ...wanted, pendingTimeoutMs: 5_000 })).rejects.toMatchObject({
      code: 'RECAC_ENVIRONMENT_START_TIMEOUT',
      message: expect.stringMatching(`${volume} is still attached.*kubectl get volumeattachments`),
    });
    await isEmpty();
  });

  test('row 38: a node dies: the environment is lost, its end is never claimed, and its workspace is not used twice', async () => {
    const volume = { kubeconfig: cluster.kubeconfig, namespace, claimName, accessMode: 'ReadWriteMany' } as const;
    await using _volume = await makeStaticVolume(volume);
    await using engine = openEngine('recac-node-2');
    const { id } = await engine.startEnvironment({ sessionId: 'dead', image, workspace });
    const running = engine.exec(id, forever);
    await expect.poll(() => engine.listExecs(id)).toHaveLength(1);
    await isPublished();
    await cluster.end('kubelet-2', 'KILL');
    await cluster.end('containerd-2', 'KILL');
    await using _mended = { [Symbol.asyncDispose]: revive };
    const lost = { phase: 'Unknown', reason: 'NodeLost', message: expect.stringContaining('recac-node-2') };
    await expect.poll(() => engine.listEnvironments(), { timeout: 60_000 }).toMatchObject([lost]);
    await expect(engine.exec(id, ['true'])).rejects.toThrow(/the node recac-node-2 .* does not answer/);
    expect((await running).outcome).toMatchObject({ type: 'lost', reason: expect.stringMatching(/node .*answer/) });

    await expect(engine.stopEnvironment(id)).rejects.toThrow(
      /its node does not confirm.*kubectl delete pod \S+ --namespace default --force/,
    );
    await using other = openEngine('recac-node');
    const ending = { id, phase: 'Terminating', reason: 'NodeLost', message: expect.stringContaining('recac-node-2') };
    expect(await other.listEnvironments()).toMatchObject([ending]);
    expect(await other.inspectEnvironment(id)).toMatchObject(ending);
    for await (const event of other.watchEnvironments()) {
      expect(event).toMatchObject({ type: 'ADDED', environment: ending });
      break;
    }
    const again = { sessionId: 'dead', image, workspace };
    await expect(other.startEnvironment(again)).rejects.toMatchObject({
      code: 'RECAC_WORKSPACE_CONFLICT',
      message: expect.stringContaining('recac-node-2'),
    });
    await kubectl('delete', 'pod', '--all', '--force');
    await engine.stopEnvironment(id);
    expect(await other.listEnvironments()).toEqual([]);
    const { id: second } = await other.startEnvironment(again);
    expect(await other.exec(second, ['echo', 'alive'])).toMatchObject({ stdout: 'alive\n' });
    await other.stopEnvironment(second);
    await isEmpty();
  });

  test('row 38: a node falls silent and comes back: the command is lost in bounded time, and the environment can be stopped', async () => {
    await using engine = openEngine('recac-node-2');
    const { id } = await engine.startEnvironment({ sessionId: 'silent', image });
    const running = engine.exec(id, forever);
    await expect.poll(() => engine.listExecs(id)).toHaveLength(1);
    await isPublished();
    await cluster.cutSecondNode(true);
    expect((await running).outcome).toMatchObject({ type: 'lost', reason: expect.stringMatching(/node .*answer/) });
    await cluster.cutSecondNode(false);
    await engine.stopEnvironment(id);
    await isReady();
    await isEmpty();
  });
});
