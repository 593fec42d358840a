import { describeCluster } from '@recac/e2e-cluster';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Fault } from '../../src/fault.ts';
import { deleteJob } from '../../src/kubernetes/api-requests.ts';
import { openBehindApiProxy } from '../../src/kubernetes/through-api-proxy.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const isEmpty = { timeout: 20_000, message: 'nothing is left' };

describeCluster('faults while an environment is removed', ({ kubeconfig }) => {
  let opened: Awaited<ReturnType<typeof openBehindApiProxy>>;
  beforeAll(async () => {
    opened = await openBehindApiProxy(kubeconfig);
  });
  afterEach(async () => {
    const { engine, proxy, left } = opened.given;
    proxy.rules.clear();
    for (const { id } of await engine.listEnvironments()) await engine.stopEnvironment(id);
    await expect.poll(left, isEmpty).toEqual([]);
  });
  afterAll(() => opened.close());

  test.each<[string, Fault]>([
    ['reset before it arrived', { type: 'drop' }],
    ['its answer is lost', { type: 'lose' }],
    ['500', { type: 'answer', status: 500, message: 'broken' }],
    ['503', { type: 'answer', status: 503, message: 'busy' }],
    ['409, as for another of the same name', { type: 'answer', status: 409, message: 'the UID in the precondition' }],
  ])('a removal that fails once (%s) is not reported as done unless it is', async (_, fault) => {
    const { engine, proxy, start, left } = opened.given;
    const id = await start();
    proxy.rules.add({ request: deleteJob, fault });
    const ended = await engine.stopEnvironment(id).then(
      () => 'stopped',
      () => 'failed',
    );
    if (ended === 'stopped') await expect.poll(left, isEmpty).toEqual([]);
    await engine.stopEnvironment(id);
  });

  test('row 21: a removal that is never answered is an error that says so, in time', async () => {
    const { engine, proxy, start } = opened.given;
    const id = await start();
    proxy.rules.add({ request: deleteJob, fault: { type: 'hold' } });
    await expect(engine.stopEnvironment(id)).rejects.toMatchObject({ code: 'RECAC_ENGINE_UNAVAILABLE' });
  });
});
