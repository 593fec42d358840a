import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { callApi, describeCluster, readConnection } from '@recac/e2e-cluster';
import { startApiProxy } from '@recac/e2e-faults';
import { createKubernetesEngine } from '@recac/engine-k8s';
import { expect, test, vi } from 'vitest';
import { type CliPlace, runCli, startCli } from '../../src/cli.ts';
import { createPlace } from '../../src/place.ts';

/** Each step is a process, and the machine may be busy. */
vi.setConfig({ testTimeout: 180_000 });

const image = ['--image', 'recac-test/busybox:1', '--sync', 'none'];

interface ObjectList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status?: { readonly phase?: string };
  }[];
}

describeCluster('a client that is killed on Kubernetes', ({ kubeconfig }) => {
  const toName = (what: string): string => `${what}-${process.pid}`;
  const sessionsOf = async (name: string): Promise<readonly string[]> => {
    await using engine = createKubernetesEngine({ kubeconfig });
    return (await engine.listEnvironments({ sessionId: name })).map(({ id }) => id);
  };
  /**
   * Pods of a session that have not ended, as the API server has them. A Job whose lease ran out has ended in order: the cluster clears it away some minutes later
   * (`ttlSecondsAfterFinished`).
   */
  const podsOf = async (name: string): Promise<readonly string[]> => {
    const connection = await readConnection(kubeconfig);
    const { items } = await callApi<ObjectList>(connection, { path: '/api/v1/namespaces/default/pods' });
    return items
      .filter(({ metadata, status }) => metadata.name.includes(name) && status?.phase !== 'Succeeded')
      .map(({ metadata }) => metadata.name);
  };

  /** Runs a test in a place of its own; its session is gone in the end, or the test fails and removes it. */
  async function inPlace(
    name: string,
    run: (place: CliPlace) => Promise<void>,
    through: string = kubeconfig,
  ): Promise<void> {
    await using place = await createPlace({ kubeconfig: through });
    try {
      await run(place);
      expect(JSON.parse((await runCli(place, ['list', '--json'])).stdout)).not.toContainEqual(
        expect.objectContaining({ sessionId: name }),
      );
      expect(await sessionsOf(name), 'nothing is left').toEqual([]);
      await expect.poll(() => podsOf(name), { timeout: 30_000, interval: 500 }).toEqual([]);
    } finally {
      await using engine = createKubernetesEngine({ kubeconfig });
      for (const id of await sessionsOf(name)) await engine.stopEnvironment(id);
    }
  }

  const kill = async (running: ReturnType<typeof startCli>): Promise<void> => {
    running.child.kill('SIGKILL');
    expect((await running.ended).signal).toBe('SIGKILL');
  };

  test('row 1: kill -9, and nobody comes back: command and environment go with the lease', async () => {
    const name = toName('leased');
    await inPlace(name, async (place) => {
      const run = ['run', '--quiet', '--name', name, '--lease', '2s', ...image];
      const running = startCli(place, [...run, '-c', 'echo begun; exec sleep 300']);
      await running.until('begun');
      await kill(running);
      await expect.poll(() => sessionsOf(name), { timeout: 60_000, interval: 500 }).toEqual([]);
    });
  });

  test.each([
    ['after its Job was asked for', /^POST .*\/jobs$/, 'swallow'],
    ['before its first lane', /\/exec\?/, 'hold'],
  ] as const)('row 2: kill -9 %s: what was created goes with its lease', async (_, request, type) => {
    const name = toName(`created-${type}`);
    await using proxy = await startApiProxy(kubeconfig);
    proxy.rules.add({ request, fault: { type }, times: 100 });
    await inPlace(
      name,
      async (place) => {
        const running = startCli(place, ['run', '--quiet', '--name', name, '--lease', '3s', ...image, '--', 'true']);
        await vi.waitUntil(() => proxy.requests.some((asked) => request.test(asked)), { timeout: 60_000 });
        await vi.waitUntil(async () => (await podsOf(name)).length > 0, { timeout: 30_000 });
        await kill(running);
        proxy.rules.clear();
        await expect.poll(() => sessionsOf(name), { timeout: 60_000, interval: 500 }).toEqual([]);
      },
      proxy.kubeconfig,
    );
  });

  test('row 3: kill -9 in the middle of a copy: nothing of it is to be seen, and no process of it stays', async () => {
    const name = toName('copied');
    await inPlace(name, async (place) => {
      expect((await runCli(place, ['start', '--quiet', '--name', name, ...image])).code).toBe(0);
      const tree = join(place.project, 'tree');
      await mkdir(tree);
      await writeFile(join(tree, 'large'), Buffer.alloc(300 * 2 ** 20, 'x'));
      const copying = startCli(place, ['cp', '--quiet', tree, `${name}:tree`]);
      const inside = async (script: string): Promise<string> =>
        (await runCli(place, ['exec', '--quiet', name, '-c', script])).stdout;
      await vi.waitUntil(async () => (await inside('ls -A')) !== '', { timeout: 60_000 });
      await kill(copying);
      const left = 'ls -A; grep -l "^tar" /proc/[0-9]*/cmdline';
      await expect.poll(() => inside(left), { timeout: 40_000, interval: 500 }).toBe('');
      expect((await runCli(place, ['stop', '--quiet', name])).code).toBe(0);
    });
  });

  test('row 4: Ctrl-C stops the command and leaves nothing', async () => {
    const name = toName('interrupted');
    await inPlace(name, async (place) => {
      const running = startCli(place, ['run', '--quiet', '--name', name, ...image, '-c', 'echo begun; sleep 300']);
      await running.until('begun');
      running.child.kill('SIGINT');
      expect((await running.ended).code).toBe(130);
    });
  });

  test('row 5: nobody reads stdout any more: the command ends, 141, no stack trace, nothing is left', async () => {
    const name = toName('pipe');
    await inPlace(name, async (place) => {
      const running = startCli(place, ['run', '--quiet', '--name', name, ...image, '-c', 'while :; do echo y; done']);
      running.child.stdout.once('data', () => running.child.stdout.destroy());
      const { code, stderr } = await running.ended;
      expect(code).toBe(141);
      expect(stderr).not.toContain('    at ');
    });
  });

  test('kill -9 while it stops: it goes all the same', async () => {
    const name = toName('stopping');
    await using proxy = await startApiProxy(kubeconfig);
    await inPlace(
      name,
      async (place) => {
        expect((await runCli(place, ['start', '--quiet', '--name', name, ...image])).code).toBe(0);
        const deletion = /^DELETE .*\/jobs\//;
        proxy.rules.add({ request: deletion, fault: { type: 'swallow' } });
        const stopping = startCli(place, ['stop', '--quiet', name]);
        await vi.waitUntil(() => proxy.requests.some((asked) => deletion.test(asked)), { timeout: 60_000 });
        await delay(100);
        await kill(stopping);
        await expect.poll(() => sessionsOf(name), { timeout: 60_000, interval: 500 }).toEqual([]);
      },
      proxy.kubeconfig,
    );
  });
});
