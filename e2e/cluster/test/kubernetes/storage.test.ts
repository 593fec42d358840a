import { randomUUID } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ClusterConnection, callApi, readConnection } from '../../src/cluster-connection.ts';
import { describeCluster } from '../../src/describe-cluster.ts';
import { makeStaticVolume } from '../../src/storage/static-volume.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const timeout = 60_000;

describeCluster('volumes', ({ kubeconfig }) => {
  const namespace = `storage-${randomUUID().slice(0, 8)}`;
  const [claims, jobs] = [
    `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
    `/apis/batch/v1/namespaces/${namespace}/jobs`,
  ];
  let connection: ClusterConnection;
  const call = <T = unknown>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T> =>
    callApi<T>(connection, { method, path, ...(body === undefined ? {} : { body }) });
  const phase = async (path: string): Promise<string> =>
    (await call<{ status: { phase: string } }>('GET', path)).status.phase;
  const claim = (name: string, spec: object = {}): Promise<unknown> =>
    call('POST', claims, {
      metadata: { name },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '64Mi' } }, ...spec },
    });
  const runJob = async (name: string, claimName: string, script: string): Promise<void> => {
    const container = {
      name: 'agent',
      image: 'recac-test/busybox:1',
      command: ['sh', '-c', script],
      volumeMounts: [{ name: 'work', mountPath: '/work', subPath: 'sessions/one' }],
    };
    await call('POST', jobs, {
      metadata: { name },
      spec: {
        backoffLimit: 0,
        template: {
          spec: {
            restartPolicy: 'Never',
            securityContext: { runAsUser: 10_000, runAsGroup: 10_000 },
            containers: [container],
            volumes: [{ name: 'work', persistentVolumeClaim: { claimName } }],
          },
        },
      },
    });
    const finished = async (): Promise<unknown> => (await call<{ status: unknown }>('GET', `${jobs}/${name}`)).status;
    await expect.poll(finished, { timeout }).toMatchObject({ succeeded: 1 });
    await call('DELETE', `${jobs}/${name}?propagationPolicy=Foreground`);
  };

  beforeAll(async () => {
    connection = await readConnection(kubeconfig);
    await call('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
  });
  afterAll(() => call('DELETE', `/api/v1/namespaces/${namespace}`));

  test('a claim of the default class waits for its first pod, keeps what user 10000 writes, and takes its volume along', async () => {
    await claim('work');
    await runJob('writes', 'work', 'echo kept >/work/file');
    await runJob('reads', 'work', 'test "$(cat /work/file)" = kept');
    const { spec } = await call<{ spec: { volumeName: string } }>('GET', `${claims}/work`);
    const directory = join(dirname(kubeconfig), 'volumes', spec.volumeName);
    expect(await readFile(join(directory, 'sessions/one/file'), 'utf8')).toBe('kept\n');
    const volume = `/api/v1/persistentvolumes/${spec.volumeName}`;
    expect(await call('GET', volume)).toMatchObject({
      spec: { nodeAffinity: { required: {} }, persistentVolumeReclaimPolicy: 'Delete' },
    });
    await call('DELETE', `${claims}/work`);
    await expect.poll(() => phase(volume).catch((error: Error) => error.message), { timeout }).toContain('404');
    await expect(stat(directory)).rejects.toThrow('ENOENT');
  });

  test('a claim without a pod has no volume, and one of a class that binds at once has', async () => {
    const name = `at-once-${randomUUID().slice(0, 8)}`;
    const path = '/apis/storage.k8s.io/v1/storageclasses';
    await call('POST', path, {
      metadata: { name },
      provisioner: 'recac.test/host-path',
      volumeBindingMode: 'Immediate',
      reclaimPolicy: 'Retain',
    });
    await claim('waits');
    await claim('at-once', { storageClassName: name });
    await expect.poll(() => phase(`${claims}/at-once`), { timeout }).toBe('Bound');
    expect(await phase(`${claims}/waits`)).toBe('Pending');
    const { spec } = await call<{ spec: { volumeName: string } }>('GET', `${claims}/at-once`);
    const volume = `/api/v1/persistentvolumes/${spec.volumeName}`;
    await call('DELETE', `${claims}/at-once`);
    await expect.poll(() => phase(volume), { timeout }).toBe('Released');
    expect(await readdir(join(dirname(kubeconfig), 'volumes', spec.volumeName))).toEqual([]);
    await call('DELETE', volume);
    await call('DELETE', `${path}/${name}`);
  });

  test.for(['ReadWriteOnce', 'ReadWriteMany', 'ReadWriteOncePod'] as const)(
    'a volume made by hand: %s',
    async (accessMode) => {
      const claimName = accessMode.toLowerCase();
      const volume = await makeStaticVolume({ kubeconfig, namespace, claimName, accessMode });
      await using _removed = volume;
      await runJob(claimName, claimName, 'echo made >/work/file');
      expect(await readFile(join(volume.directory, 'sessions/one/file'), 'utf8')).toBe('made\n');
    },
  );
});
