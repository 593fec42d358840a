import { describeCluster } from '@recac/e2e-cluster';
import { toEnvironmentName } from '@recac/engine-core';
import { createKubernetesEngine } from '@recac/engine-k8s';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Fault } from '../../src/fault.ts';
import { createJob, createPolicy, exec, getJob, listJobs, watchPods } from '../../src/kubernetes/api-requests.ts';
import { openBehindApiProxy } from '../../src/kubernetes/through-api-proxy.ts';
import { image } from '../../src/through-proxy.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const isEmpty = { timeout: 20_000, message: 'nothing is left' };

describeCluster('faults while an environment starts', ({ kubeconfig }) => {
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
    ['row 22: 500', { type: 'answer', status: 500, message: 'broken', reason: 'InternalError' }],
    ['row 22: 502', { type: 'answer', status: 502, message: 'bad gateway' }],
    ['row 22: 503', { type: 'answer', status: 503, message: 'busy', reason: 'ServiceUnavailable' }],
    [
      'row 33: a webhook does not answer',
      {
        type: 'answer',
        status: 500,
        message: 'Internal error occurred: failed calling webhook "w": failed to call webhook: Post "https://w/": EOF',
        reason: 'InternalError',
      },
    ],
    ['reset before it arrived', { type: 'drop' }],
    ['row 23: its answer is lost', { type: 'lose' }],
    ['row 23: its answer is cut', { type: 'truncate', afterBytes: 260 }],
    ['its answer comes byte by byte', { type: 'split' }],
    ['it comes late', { type: 'delay', ms: 700 }],
  ])('create fails once (%s): one Job, one pod, which works', async (_, fault) => {
    const { engine, proxy, start, left } = opened.given;
    proxy.rules.add({ request: createJob, fault });
    const id = await start();
    expect((await engine.exec(id, ['echo', 'fine'])).stdout).toBe('fine\n');
    expect((await left()).map((name) => name.split('/')[0]).toSorted()).toEqual(['job', 'networkpolicy', 'pod']);
  });

  test('row 22: create fails with 503 for ever: an error that names it after some tries, each after a look, and nothing remains', async () => {
    const { proxy, start } = opened.given;
    const fault = { type: 'answer', status: 503, message: 'busy', reason: 'ServiceUnavailable' } as const;
    proxy.rules.add({ request: createJob, fault, times: 1_000 });
    const before = proxy.requests.length;
    await expect(start({ pendingTimeoutMs: 5_000 })).rejects.toMatchObject({
      code: 'RECAC_ENVIRONMENT_START_TIMEOUT',
      message: expect.stringContaining('cannot do it now (503: busy)'),
    });
    const asked = proxy.requests.slice(before);
    const creations = asked.filter((request) => createJob.test(request)).length;
    expect(creations).toBeGreaterThan(1);
    expect(asked.filter((request) => getJob.test(request)).length).toBeGreaterThanOrEqual(creations);
  });

  test.each<[string, Fault]>([
    ['500', { type: 'answer', status: 500, message: 'broken', reason: 'InternalError' }],
    ['502', { type: 'answer', status: 502, message: 'bad gateway' }],
    ['503', { type: 'answer', status: 503, message: 'busy', reason: 'ServiceUnavailable' }],
    ['reset', { type: 'drop' }],
    ['answer cut', { type: 'truncate', afterBytes: 100 }],
  ])('row 22: a list that fails twice (%s) is asked again', async (_, fault) => {
    const { engine, proxy } = opened.given;
    await engine.init();
    const before = proxy.requests.length;
    proxy.rules.add({ request: listJobs, fault, times: 2 });
    expect(await engine.listEnvironments()).toEqual([]);
    expect(proxy.requests.slice(before).filter((request) => listJobs.test(request))).toHaveLength(3);
  });

  test.each<[string, RegExp, Fault, number]>([
    ['the policy is answered 503', createPolicy, { type: 'answer', status: 503, message: 'busy' }, 1],
    ['the answer to the policy is lost', createPolicy, { type: 'lose' }, 1],
    ['the watch is answered 500', watchPods, { type: 'answer', status: 500, message: 'broken' }, 3],
    ['the watch is cut', watchPods, { type: 'truncate', afterBytes: 600 }, 3],
    ['the first shell is refused with 500', exec, { type: 'answer', status: 500, message: 'broken' }, 3],
    ['the first shell is cut', exec, { type: 'truncate', afterBytes: 250 }, 3],
    ['the first shell is never answered', exec, { type: 'swallow' }, 1],
  ])('%s: it starts all the same', async (_, request, fault, times) => {
    const { engine, proxy, start } = opened.given;
    proxy.rules.add({ request, fault, times });
    const id = await start();
    expect((await engine.exec(id, ['echo', 'fine'])).stdout).toBe('fine\n');
  });

  test('a kubelet that exec does not reach: the pending limit names why', async () => {
    const { proxy, start } = opened.given;
    const message = 'error dialing backend: remote error: tls: internal error';
    proxy.rules.add({ request: exec, fault: { type: 'answer', status: 500, message }, times: 1_000 });
    await expect(start({ pendingTimeoutMs: 8_000 })).rejects.toMatchObject({
      code: 'RECAC_ENVIRONMENT_START_TIMEOUT',
      message: expect.stringContaining(`no command can be run in it (${message})`),
    });
  });

  test('row 21: a create that is never answered ends with the pending limit, names the phase, and leaves nothing', async () => {
    const { proxy, start } = opened.given;
    proxy.rules.add({ request: createJob, fault: { type: 'swallow' } });
    await expect(start({ pendingTimeoutMs: 3_000 })).rejects.toMatchObject({
      code: 'RECAC_ENVIRONMENT_START_TIMEOUT',
      details: { phase: 'admit' },
    });
  });

  test('row 24: a foreign Job of our name is an error, and is left alone', async () => {
    const { call, namespace, sessionId, start, left } = opened.given;
    const name = toEnvironmentName(sessionId);
    const path = `/apis/batch/v1/namespaces/${namespace}/jobs`;
    const container = { name: 'theirs', image, command: ['true'] };
    const template = { spec: { containers: [container], restartPolicy: 'Never' } };
    await call({ method: 'POST', path, body: { metadata: { name }, spec: { suspend: true, template } } });
    await expect(start()).rejects.toMatchObject({ code: 'RECAC_ENVIRONMENT_CONFLICT', details: { ours: false } });
    expect(await left()).toEqual([`job/${name}`]);
    await call({ method: 'DELETE', path: `${path}/${name}` });
  });

  test('row 24: a Job of our name that is ours and in use is an error, and goes on', async () => {
    const { engine, start } = opened.given;
    const id = await start();
    await expect(start()).rejects.toMatchObject({ code: 'RECAC_ENVIRONMENT_CONFLICT', details: { ours: true } });
    expect((await engine.exec(id, ['echo', 'alive'])).stdout).toBe('alive\n');
  });

  test('row 46: two clients start one session at once: one of them gets it, the other is told', async () => {
    const { engine, proxy, namespace, sessionId, left } = opened.given;
    await using other = createKubernetesEngine({ kubeconfig: proxy.kubeconfig, namespace });
    const both = await Promise.allSettled([engine, other].map((each) => each.startEnvironment({ sessionId, image })));
    const [won, lost] = [
      both.filter(({ status }) => status === 'fulfilled'),
      both.filter(({ status }) => status === 'rejected'),
    ];
    expect(won).toHaveLength(1);
    expect(lost).toMatchObject([{ reason: { code: 'RECAC_ENVIRONMENT_CONFLICT', details: { ours: true } } }]);
    expect((await left()).filter((name) => name.startsWith('pod/'))).toHaveLength(1);
  });
});
