import { describeCluster } from '@recac/e2e-cluster';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Fault } from '../../src/fault.ts';
import { createJob, deleteJob, getJob } from '../../src/kubernetes/api-requests.ts';
import { openBehindApiProxy } from '../../src/kubernetes/through-api-proxy.ts';

vi.setConfig({ testTimeout: 150_000, hookTimeout: 90_000 });

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

  test('row 21: a removal that is never answered: the environment is Stuck, others are not held up, and it goes in the background', async () => {
    const { engine, proxy, start, left } = opened.given;
    const id = await start();
    const other = await start({ sessionId: 'other' });
    const told: (string | undefined)[] = [];
    const ending = new AbortController();
    const watching = (async (): Promise<void> => {
      for await (const { type, environment } of engine.watchEnvironments({ signal: ending.signal }))
        if (environment.id === id) told.push(type === 'DELETED' ? type : (environment.reason ?? environment.phase));
    })();
    // The API server never gets it.
    proxy.rules.add({ request: deleteJob, fault: { type: 'hold' } });
    const stopping = engine.stopEnvironment(id);
    stopping.catch(() => {});
    await expect.poll(() => proxy.requests.some((request) => deleteJob.test(request))).toBe(true);
    await engine.stopEnvironment(other);
    await expect(stopping).rejects.toMatchObject({
      code: 'RECAC_ENGINE_UNAVAILABLE',
      details: { stuck: true },
      message: expect.stringMatching(/no whole answer.*goes on in the background/s),
    });
    expect(await engine.listEnvironments()).toMatchObject([{ id, phase: 'Unknown', reason: 'Stuck' }]);
    expect(await engine.inspectEnvironment(id)).toMatchObject({ phase: 'Unknown', reason: 'Stuck' });
    await expect.poll(() => told.at(-1)).toBe('Stuck');
    await expect.poll(left, { timeout: 60_000, interval: 1_000 }).toEqual([]);
    expect(await engine.listEnvironments()).toEqual([]);
    await expect.poll(() => told.at(-1)).toBe('DELETED');
    ending.abort();
    await watching;
  });

  test('row 21: a start that failed cannot be removed, as nothing is answered: it goes in the background', async () => {
    const { proxy, start, left } = opened.given;
    // The Job is made, but neither that nor what has become of it is told.
    proxy.rules.add({ request: createJob, fault: { type: 'swallow' } });
    proxy.rules.add({ request: getJob, fault: { type: 'hold' } });
    await expect(start({ pendingTimeoutMs: 2_000 })).rejects.toMatchObject({ code: 'RECAC_ENVIRONMENT_START_TIMEOUT' });
    expect((await left()).map((name) => name.split('/')[0])).toContain('job');
    await expect.poll(left, { timeout: 60_000, interval: 1_000 }).toEqual([]);
  });
});
