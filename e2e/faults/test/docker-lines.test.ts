import { randomUUID } from 'node:crypto';
import { describeDocker } from '@recac/e2e-docker';
import type { ContainerEngine } from '@recac/engine-core';
import { createDockerEngine } from '@recac/engine-docker';
import { expect, test } from 'vitest';
import { type CuttingProxy, startCuttingProxy } from '../src/cutting-proxy.ts';
import type { Fault } from '../src/fault.ts';

const image = 'recac-test/busybox:1';
const stream = /^POST \/v[\d.]+\/(exec|containers)\/[0-9a-f]{64}\/(start\?|start$|attach)/;
const createExec = /^POST \/v[\d.]+\/containers\/[0-9a-f]{64}\/exec/;

describeDocker('lines between us and the daemon', ({ host }) => {
  /** Starts an environment through a proxy; afterwards nothing of it may be left. */
  async function through(run: (engine: ContainerEngine, id: string, proxy: CuttingProxy) => Promise<void>) {
    await using proxy = await startCuttingProxy(host);
    await using engine = createDockerEngine({ host: proxy.host });
    const sessionId = `lines-${randomUUID()}`;
    try {
      const { id } = await engine.startEnvironment({ sessionId, image });
      await run(engine, id, proxy);
      proxy.rules.clear();
      await engine.stopEnvironment(id);
      expect(await engine.listEnvironments({ sessionId })).toEqual([]);
    } finally {
      await using direct = createDockerEngine({ host });
      for (const { id } of await direct.listEnvironments({ sessionId })) await direct.stopEnvironment(id);
    }
  }

  test.each<[string, Fault]>([
    ['row 6: cut inside a frame', { type: 'truncate', afterBytes: 301 }],
    ['row 8: ended in order without a status', { type: 'truncate', afterBytes: 300, end: 'in order' }],
    ['trap 5: every byte alone', { type: 'split' }],
  ])(
    '%s: every byte and the code arrive',
    async (_, fault) => {
      await through(async (engine, id, proxy) => {
        proxy.rules.add({ request: stream, fault, times: 2 });
        proxy.destroyAll();
        // A line that broke unseen is lost in truth: the engine needs a moment to see it.
        await new Promise((resolve) => setTimeout(resolve, 500));
        const { outcome, stdout } = await engine.exec(id, ['sh', '-c', 'seq 1 2000; exit 5']);
        expect(outcome).toEqual({ type: 'exited', code: 5 });
        expect(stdout).toBe(Array.from({ length: 2_000 }, (_, index) => `${index + 1}\n`).join(''));
        expect(proxy.requests.some((request) => createExec.test(request))).toBe(true);
      });
    },
    90_000,
  );

  test('row 13: a command that ignores SIGTERM is killed after the grace', async () => {
    await through(async (engine, id) => {
      const command = ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'];
      const { outcome } = await engine.exec(id, command, { timeoutMs: 1_000, killGraceMs: 500 });
      expect(outcome).toMatchObject({ type: 'timedOut', limit: 'total' });
    });
  }, 60_000);

  test('row 19: connections that are refused are an error of the engine, and later calls work', async () => {
    await through(async (engine, id, proxy) => {
      proxy.refuse(true);
      proxy.destroyAll();
      await expect(engine.listEnvironments()).rejects.toMatchObject({ code: 'RECAC_ENGINE_UNAVAILABLE' });
      proxy.refuse(false);
      expect((await engine.exec(id, ['echo', 'alive'])).stdout).toBe('alive\n');
    });
  }, 60_000);
});
