import { describeCluster } from '@recac/e2e-cluster';
import type { EnvironmentEvent } from '@recac/engine-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Fault } from '../../src/fault.ts';
import { listJobs, listPods, watchJobs, watchPods } from '../../src/kubernetes/api-requests.ts';
import { openBehindApiProxy } from '../../src/kubernetes/through-api-proxy.ts';

vi.setConfig({ testTimeout: 150_000, hookTimeout: 90_000 });

const watches = [watchJobs, watchPods];
const soon = { timeout: 20_000 };

/** What is told of environments, one after the other: in short, and in full. */
async function follow(events: AsyncIterable<EnvironmentEvent>, told: string[], full: string[]): Promise<void> {
  for await (const { type, environment } of events) {
    told.push(`${type} ${environment.id} ${environment.phase}`);
    full.push(JSON.stringify(environment));
  }
}

describeCluster('a watch through a proxy', ({ kubeconfig }) => {
  let opened: Awaited<ReturnType<typeof openBehindApiProxy>>;
  let told: string[];
  let full: string[];
  let stop: AbortController;
  beforeAll(async () => {
    opened = await openBehindApiProxy(kubeconfig);
  });
  afterEach(async () => {
    stop.abort();
    const { engine, proxy } = opened.given;
    proxy.rules.clear();
    for (const { id } of await engine.listEnvironments()) await engine.stopEnvironment(id);
  });
  afterAll(() => opened.close());

  /** An environment that runs, and is told of. */
  async function startFollowed(): Promise<string> {
    const { engine, proxy, start } = opened.given;
    [told, full] = [[], []];
    stop = new AbortController();
    void follow(engine.watchEnvironments({ signal: stop.signal }), told, full);
    // Watches that an earlier test has left open for a while are opened again, with the faults of this one.
    proxy.destroyAll();
    const id = await start();
    await untilRunning(id);
    return id;
  }

  /** Where lines were lost it may run before anything is told of it. */
  const untilRunning = (id: string) =>
    expect.poll(() => told.filter((one) => one.endsWith(`${id} Running`)), soon).toHaveLength(1);
  const countOf = (requests: readonly string[], kind: RegExp) => requests.filter((one) => kind.test(one)).length;
  const types = (id: string) => told.filter((one) => one.includes(id)).map((one) => one.split(' ')[0]);

  /** What each environment must be told as, whatever happened to the lines. */
  function expectOneLife(id: string): void {
    const all = types(id);
    expect(all.filter((type) => type === 'ADDED')).toHaveLength(1);
    expect(all.filter((type) => type === 'DELETED')).toHaveLength(1);
    expect([all[0], all.at(-1)]).toEqual(['ADDED', 'DELETED']);
    // The last says how it was before it went.
    const mine = full.filter((one) => one.includes(id)).slice(0, -1);
    expect(mine.filter((one, index) => one === mine[index - 1])).toEqual([]);
  }

  test('row 50: the server tells the whole history again: nothing is told twice', async () => {
    const { engine, proxy, start } = opened.given;
    const id = await startFollowed();
    const other = await start({ sessionId: 'other' });
    await untilRunning(other);
    await engine.stopEnvironment(other);
    await expect.poll(() => types(other).at(-1), soon).toBe('DELETED');
    const fault: Fault = { type: 'rewrite', find: /resourceVersion=\d+/, replacement: 'resourceVersion=1' };
    for (const request of watches) proxy.rules.add({ request, fault });
    const [before, asked] = [told.length, proxy.requests.length];
    proxy.destroyAll();
    await expect.poll(() => watches.map((kind) => countOf(proxy.requests.slice(asked), kind)), soon).toEqual([1, 1]);
    await engine.stopEnvironment(id);
    await expect.poll(() => types(id).at(-1), soon).toBe('DELETED');
    expect(told.slice(before).filter((one) => one.includes(other))).toEqual([]);
    for (const each of [id, other]) expectOneLife(each);
  });

  test('row 27: 410 in the middle of a watch, again and again: a list for each, what was missed is told once', async () => {
    const { engine, proxy } = opened.given;
    const gone = JSON.stringify({
      type: 'ERROR',
      object: { kind: 'Status', status: 'Failure', code: 410, reason: 'Expired', message: 'too old' },
    });
    for (const request of watches)
      proxy.rules.add({ request, fault: { type: 'lines', change: () => [gone] }, times: 3 });
    const id = await startFollowed();
    await engine.stopEnvironment(id);
    await expect.poll(() => types(id).at(-1), soon).toBe('DELETED');
    expectOneLife(id);
    expect(countOf(proxy.requests, listJobs)).toBeLessThan(20);
  });

  test.each<[string, () => (line: string) => readonly string[], number?]>([
    ['every line comes twice', () => (line) => [line, line]],
    ['every line comes again after each of the next three', () => againLater(3)],
    ['the first two lines change places', () => swapFirst(), 1],
    ['bookmarks do not come', () => (line) => (line.includes('"BOOKMARK"') ? [] : [line])],
    ['a line is cut off in its middle', () => cutOnce()],
    ['a line is none', () => (line) => ['<html>', line]],
    ['lines of a type that nobody knows', () => (line) => ['{"type":"NEWS","object":{}}', line]],
  ])('row 50: %s: one life is told of each environment, and commands run', async (_, create, times = 6) => {
    const { engine, proxy } = opened.given;
    for (const request of watches)
      for (let time = 0; time < times; time += 1)
        proxy.rules.add({ request, fault: { type: 'lines', change: create() } });
    const id = await startFollowed();
    expect(await engine.exec(id, ['echo', 'fine'])).toMatchObject({ stdout: 'fine\n' });
    await engine.stopEnvironment(id);
    await expect.poll(() => types(id).at(-1), soon).toBe('DELETED');
    expectOneLife(id);
  });

  test('row 28: the watches go silent and stay open: within a minute what happened meanwhile is told', async () => {
    const { call, namespace, proxy } = opened.given;
    const id = await startFollowed();
    for (const request of watches) {
      const fault: Fault = { type: 'lines', change: () => [], end: false };
      proxy.rules.add({ request, fault });
    }
    const asked = proxy.requests.length;
    proxy.destroyAll();
    const since = () => proxy.requests.slice(asked);
    await expect.poll(() => watches.map((kind) => countOf(since(), kind)), soon).toEqual([1, 1]);
    const name = id.split('/')[1] ?? '';
    const path = `/apis/batch/v1/namespaces/${namespace}/jobs/${name}?propagationPolicy=Background`;
    await call({ method: 'DELETE', path });
    await expect.poll(() => types(id).at(-1), { timeout: 90_000, interval: 500 }).toBe('DELETED');
    expectOneLife(id);
    expect([countOf(since(), listJobs), countOf(since(), listPods)]).toEqual([0, 0]);
  });
});

function againLater(count: number): (line: string) => readonly string[] {
  const before: string[] = [];
  return (line) => {
    before.unshift(line);
    before.length = Math.min(before.length, count + 1);
    return [...before];
  };
}

function swapFirst(): (line: string) => readonly string[] {
  let first: string | undefined;
  let isDone = false;
  return (line) => {
    if (isDone) return [line];
    if (first === undefined) {
      first = line;
      return [];
    }
    isDone = true;
    return [line, first];
  };
}

function cutOnce(): (line: string) => readonly string[] {
  let isCut = false;
  return (line) => {
    if (isCut) return [line];
    isCut = true;
    return [line.slice(0, line.length / 2)];
  };
}
