import { describeDocker } from '@recac/e2e-docker';
import { expect, test } from 'vitest';
import { remove } from '../src/docker-requests.ts';
import { listNetworks } from '../src/session-objects.ts';
import { image, throughProxy } from '../src/through-proxy.ts';

describeDocker('faults while an environment is removed', ({ host }) => {
  test('row 24: a container that is being removed already counts as removed', async () => {
    await throughProxy(host, async ({ engine, proxy, start, left }) => {
      const id = await start();
      const message = `removal of container ${id} is already in progress`;
      proxy.rules.add({ request: remove, fault: { type: 'answer', status: 409, message } });
      await engine.stopEnvironment(id);
      expect(await left()).toEqual([]);
    });
  });

  test.each(['lose', 'drop'] as const)(
    'a removal whose line breaks (%s) is not reported as done unless it is',
    async (type) => {
      await throughProxy(host, async ({ engine, proxy, start, left }) => {
        const id = await start();
        proxy.rules.add({ request: remove, fault: { type } });
        const ended = await engine.stopEnvironment(id).then(
          () => 'stopped',
          () => 'failed',
        );
        if (ended === 'stopped') expect(await left()).toEqual([]);
        await engine.stopEnvironment(id);
        expect(await left()).toEqual([]);
      });
    },
  );

  test('a stop after one whose answer was lost takes the network and the kept workspace along', async () => {
    await throughProxy(host, async ({ engine, proxy, sessionId }) => {
      const workspace = { type: 'scratch', outlives: true } as const;
      const { id } = await engine.startEnvironment({ sessionId, image, workspace, network: 'open' });
      proxy.rules.add({ request: remove, fault: { type: 'lose' } });
      await expect(engine.stopEnvironment(id)).rejects.toMatchObject({ code: 'RECAC_ENGINE_UNAVAILABLE' });
      await expect
        .poll(() => engine.inspectEnvironment(id).catch(({ code }) => code), { timeout: 20_000 })
        .toBe('RECAC_ENVIRONMENT_NOT_FOUND');
      await engine.stopEnvironment(id);
      const kept = await engine.listKeptWorkspaces();
      expect(kept.filter((one) => one.sessionId === sessionId)).toEqual([]);
      expect(await listNetworks(host, sessionId)).toEqual([]);
    });
  }, 60_000);

  test('row 21, trap 10: a removal that is never answered: the environment is Stuck, others are not held up, and it goes in the background', async () => {
    await throughProxy(host, async ({ engine, proxy, start, left }) => {
      const id = await start();
      // The daemon never gets it: as with a runtime that hangs, the container stays.
      proxy.rules.add({ request: remove, fault: { type: 'hold' } });
      const stopping = engine.stopEnvironment(id);
      await expect(stopping).rejects.toMatchObject({
        code: 'RECAC_ENGINE_UNAVAILABLE',
        details: { stuck: true },
        message: expect.stringContaining('no answer'),
      });
      expect(await engine.inspectEnvironment(id)).toMatchObject({ phase: 'Unknown', reason: 'Stuck' });
      await expect.poll(left, { timeout: 60_000, interval: 1_000 }).toEqual([]);
    });
  }, 120_000);
});
