import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { describeDocker } from '@recac/e2e-docker';
import { type EnvironmentSpec, toEnvironmentName } from '@recac/engine-core';
import { createDockerEngine } from '@recac/engine-docker';
import { expect, test } from 'vitest';
import { attach, create, createNetwork, info, list, pull, remove, start } from '../src/docker-requests.ts';
import type { Fault } from '../src/fault.ts';
import { listNetworks } from '../src/session-objects.ts';
import { type BehindProxy, image, throughProxy } from '../src/through-proxy.ts';

describeDocker('faults while an environment starts', ({ host }) => {
  const docker = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('docker', ['-H', host, ...args])).stdout.trim();

  test.each<[string, Fault]>([
    ['row 22: 500', { type: 'answer', status: 500, message: 'broken' }],
    ['row 22: 502', { type: 'answer', status: 502, message: 'bad gateway' }],
    ['row 22: 503', { type: 'answer', status: 503, message: 'busy' }],
    ['row 25: 429', { type: 'answer', status: 429, message: 'too many requests' }],
    ['reset before it arrived', { type: 'drop' }],
    ['row 23: its answer is lost', { type: 'lose' }],
    ['its answer is cut', { type: 'truncate', afterBytes: 60 }],
    ['its answer comes byte by byte', { type: 'split' }],
    ['it comes late', { type: 'delay', ms: 700 }],
  ])(
    'create fails once (%s): one environment, which works',
    async (_, fault) => {
      await throughProxy(host, async ({ engine, proxy, start: startEnvironment, left }) => {
        proxy.rules.add({ request: create, fault });
        const id = await startEnvironment();
        expect((await engine.exec(id, ['echo', 'fine'])).stdout).toBe('fine\n');
        expect(await left()).toEqual([id]);
      });
    },
    60_000,
  );

  test.each([
    ['attach', attach, 'drop'],
    ['attach', attach, 'lose'],
    ['start', start, 'drop'],
    ['start', start, 'lose'],
  ] as const)(
    'row 2: the line breaks at %s (%s %s): the error says so, and nothing remains',
    async (_, request, type) => {
      await throughProxy(host, async ({ proxy, start: startEnvironment, left }) => {
        proxy.rules.add({ request, fault: { type } });
        await expect(startEnvironment()).rejects.toMatchObject({ code: 'RECAC_ENGINE_UNAVAILABLE' });
        expect(await left()).toEqual([]);
      });
    },
    60_000,
  );

  test('while its image is pulled an environment has no network yet, which others would sweep up', async () => {
    await throughProxy(host, async ({ engine, proxy, sessionId }) => {
      proxy.rules.add({ request: pull, fault: { type: 'hold' } });
      const caller = new AbortController();
      const spec = { sessionId, image: 'recac-test/not-there:1', network: 'open' } as const;
      const starting = engine.startEnvironment(spec, { signal: caller.signal });
      starting.catch(() => {});
      await expect.poll(() => proxy.requests.some((request) => pull.test(request)), { timeout: 20_000 }).toBe(true);
      expect(await listNetworks(host, sessionId)).toEqual([]);
      caller.abort();
      await expect(starting).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
    });
  }, 60_000);

  test.each([
    ['the container', create],
    ['its network', createNetwork],
  ])('who may not make %s is told that, with the next step', async (_, request) => {
    await throughProxy(host, async ({ engine, proxy, sessionId, left }) => {
      const message = 'authorization denied by plugin guard: not for you.';
      proxy.rules.add({ request, fault: { type: 'answer', status: 403, message } });
      await expect(engine.startEnvironment({ sessionId, image, network: 'open' })).rejects.toMatchObject({
        code: 'RECAC_PERMISSION_DENIED',
        message: expect.stringMatching(/not for you\. .* ask for the right/),
      });
      expect([await left(), await listNetworks(host, sessionId)]).toEqual([[], []]);
    });
  });

  test('what the daemon says of itself is asked again when it could not be read', async () => {
    await throughProxy(host, async ({ engine, proxy, start: startEnvironment }) => {
      proxy.rules.add({ request: info, fault: { type: 'answer', status: 400, message: 'not now' } });
      await engine.init();
      await startEnvironment().catch(startEnvironment);
    });
  }, 60_000);

  test('a start that waits for what the daemon says of itself can be cancelled', async () => {
    await throughProxy(host, async ({ engine, proxy, sessionId }) => {
      proxy.rules.add({ request: info, fault: { type: 'hold' } });
      const starting = engine.startEnvironment({ sessionId, image }, { signal: AbortSignal.timeout(1_000) });
      await expect(starting).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
    });
  }, 10_000);

  test('row 21: a start that is never answered ends with the pending limit, names the phase, and leaves nothing', async () => {
    await throughProxy(host, async ({ engine, proxy, sessionId, left }) => {
      proxy.rules.add({ request: start, fault: { type: 'swallow' } });
      const starting = engine.startEnvironment({ sessionId, image, pendingTimeoutMs: 3_000 });
      await expect(starting).rejects.toMatchObject({
        code: 'RECAC_ENVIRONMENT_START_TIMEOUT',
        details: { phase: 'start' },
      });
      expect(await left()).toEqual([]);
    });
  }, 60_000);

  test('pulls that take long hold up no start of an image that is there', async () => {
    await throughProxy(host, async ({ engine, proxy, sessionId, start: startEnvironment }) => {
      const count = 2 * Math.max(2, availableParallelism());
      proxy.rules.add({ request: pull, fault: { type: 'hold' }, times: count });
      const caller = new AbortController();
      const pulling = Array.from({ length: count }, (_, index) =>
        engine
          .startEnvironment(
            { sessionId: `${sessionId}-${index}`, image: `recac-test/not-there:${index}` },
            { signal: caller.signal },
          )
          .catch(({ code }) => code),
      );
      const countPulls = (): number => proxy.requests.filter((request) => pull.test(request)).length;
      await expect.poll(countPulls, { timeout: 20_000 }).toBe(count);
      await startEnvironment();
      caller.abort();
      expect(new Set(await Promise.all(pulling))).toEqual(new Set(['RECAC_ABORTED']));
    });
  }, 60_000);

  test('a start whose container cannot be removed again shows that, and it goes once the daemon answers a list', async () => {
    await throughProxy(host, async ({ engine, proxy, start: startEnvironment, left }) => {
      proxy.rules.add({ request: start, fault: { type: 'lose' } });
      // Until another list has been answered; past that the daemon is well.
      proxy.rules.add({ request: remove, fault: { type: 'answer', status: 400, message: 'not now' }, times: 1 });
      await expect(startEnvironment()).rejects.toMatchObject({ code: 'RECAC_ENGINE_UNAVAILABLE' });
      const [id = ''] = await left();
      expect(await engine.inspectEnvironment(id)).toMatchObject({ phase: 'Unknown', reason: 'Stuck' });
      const asked = performance.now();
      await engine.listEnvironments();
      await expect.poll(left, { timeout: 5_000 }).toEqual([]);
      expect(performance.now() - asked).toBeLessThan(5_000);
    });
  }, 30_000);

  test('what a start was given stands in no URL, and may be large', async () => {
    await throughProxy(host, async ({ engine, proxy, sessionId }) => {
      const values = Array.from({ length: 10 }, (_, index) => [`SECRET_${index}`, `hidden-${'%'.repeat(100_000)}`]);
      const { id } = await engine.startEnvironment({
        sessionId,
        image,
        environmentVariables: Object.fromEntries(values),
        labels: { 'example.test/label': 'hidden-label' },
        workspace: { type: 'scratch', outlives: true },
        network: 'internet',
      });
      expect((await engine.exec(id, ['sh', '-c', 'printf %s "$SECRET_9" | wc -c'])).stdout.trim()).toBe('100007');
      expect(proxy.requests.filter((request) => /hidden|Env|Labels|Entrypoint/.test(request))).toEqual([]);
    });
  }, 60_000);

  /** Gives a start up at the moment in which the daemon has been asked for something that it will make only later. */
  const giveUp = async (
    { engine, proxy }: Pick<BehindProxy, 'engine' | 'proxy'>,
    spec: EnvironmentSpec,
    [request, count]: readonly [RegExp, number],
  ): Promise<void> => {
    const caller = new AbortController();
    const starting = engine.startEnvironment(spec, { signal: caller.signal });
    starting.catch(() => {});
    const asked = (): number => proxy.requests.filter((one) => request.test(one)).length;
    await expect.poll(asked, { timeout: 20_000, interval: 10 }).toBe(count);
    caller.abort();
    await expect(starting).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
  };
  // The removal looks 1.5 s and 3.1 s after: what it removes is there between.
  const late = { type: 'late', ms: 1_700 } as const;

  test('a start that was given up while the daemon had not made the container yet leaves neither it nor its name', async () => {
    await throughProxy(host, async ({ engine, proxy, sessionId, left }) => {
      proxy.rules.add({ request: create, fault: late });
      const spec = { sessionId, image, workspace: { type: 'scratch', outlives: true } } as const;
      await giveUp({ engine, proxy }, spec, [create, 1]);
      await expect.poll(left, { timeout: 10_000 }).not.toEqual([]);
      await expect.poll(left, { timeout: 20_000 }).toEqual([]);
      const kept = await engine.listKeptWorkspaces();
      expect(kept.filter((one) => one.sessionId === sessionId)).toEqual([]);
    });
  }, 60_000);

  test.each(['open', 'internet'] as const)(
    'a start with network %s that was given up before its network was made leaves none',
    async (network) => {
      await throughProxy(host, async ({ engine, proxy, sessionId }) => {
        proxy.rules.add({ request: createNetwork, fault: late });
        await giveUp({ engine, proxy }, { sessionId, image, network }, [createNetwork, 1]);
        await expect.poll(() => listNetworks(host, sessionId), { timeout: 10_000 }).not.toEqual([]);
        await expect.poll(() => listNetworks(host, sessionId), { timeout: 20_000 }).toEqual([]);
      });
    },
    60_000,
  );

  test('a network helper that was made after its start was given up goes too', async () => {
    await throughProxy(host, async ({ engine, proxy, sessionId }) => {
      // The second that is made: the first is the environment's.
      proxy.rules.add({ request: create, skip: 1, fault: late });
      await giveUp({ engine, proxy }, { sessionId, image, network: 'internet' }, [create, 2]);
      const helpers = () =>
        docker('ps', '-aq', '--filter', 'label=recac.dev/network-helper', '--filter', 'name=recac-network-');
      await expect.poll(helpers, { timeout: 10_000 }).not.toBe('');
      await expect.poll(helpers, { timeout: 20_000 }).toBe('');
    });
  }, 60_000);

  test.each([500, 502, 503])(
    'a network whose creation is answered %i once is made all the same, and once',
    async (status) => {
      await throughProxy(host, async ({ engine, proxy, sessionId }) => {
        proxy.rules.add({ request: createNetwork, fault: { type: 'answer', status, message: 'not now' } });
        await engine.startEnvironment({ sessionId, image, network: 'open' });
        expect(await listNetworks(host, sessionId)).toHaveLength(1);
      });
    },
    60_000,
  );

  test('a network whose creation is never told is found by its name', async () => {
    await throughProxy(host, async ({ engine, proxy, sessionId }) => {
      proxy.rules.add({ request: createNetwork, fault: { type: 'lose' } });
      await engine.startEnvironment({ sessionId, image, network: 'open' });
      expect(await listNetworks(host, sessionId)).toHaveLength(1);
    });
  }, 60_000);

  test.each([503, 429])('rows 22 and 25: a list that is answered %i twice is asked again', async (status) => {
    await throughProxy(host, async ({ engine, proxy }) => {
      const fault = { type: 'answer', status, message: 'not now' } as const;
      proxy.rules.add({ request: list, fault, times: 2 });
      await engine.listEnvironments({ sessionId: 'fault-nobody' });
      expect(proxy.requests.filter((request) => list.test(request))).toHaveLength(3);
    });
  });

  test('row 25: a 429 that says how long to wait is asked again no sooner', async () => {
    await throughProxy(host, async ({ engine, proxy }) => {
      await engine.init();
      const message = 'too many requests';
      proxy.rules.add({ request: list, fault: { type: 'answer', status: 429, message, retryAfterSeconds: 2 } });
      const begin = performance.now();
      await engine.listEnvironments({ sessionId: 'none' });
      expect(performance.now() - begin).toBeGreaterThan(1_900);
      expect(proxy.requests.filter((request) => list.test(request))).toHaveLength(2);
    });
  });

  test('row 24: a foreign container of our name is an error, and is left alone', async () => {
    const sessionId = `fault-${randomUUID()}`;
    const name = toEnvironmentName(sessionId);
    await docker('create', '--name', name, image, 'true');
    try {
      await using engine = createDockerEngine({ host });
      await expect(engine.startEnvironment({ sessionId, image })).rejects.toMatchObject({
        code: 'RECAC_ENVIRONMENT_CONFLICT',
        details: { ours: false },
      });
      expect(await docker('ps', '-aq', '--filter', `name=${name}`)).not.toBe('');
    } finally {
      await docker('rm', '-f', name);
    }
  });

  test('row 19: a daemon that is not there is an error at once, which says where it was looked for', async () => {
    await using engine = createDockerEngine({ host: 'unix:///nonexistent/docker.sock' });
    await expect(engine.init()).rejects.toMatchObject({
      code: 'RECAC_ENGINE_UNAVAILABLE',
      message: expect.stringContaining('/nonexistent/docker.sock'),
    });
  });

  test('row 1: when no client is left the environment goes with its lease', async () => {
    const sessionId = `fault-${randomUUID()}`;
    const engine = createDockerEngine({ host });
    await engine.startEnvironment({ sessionId, image, leaseMs: 2_000 });
    await engine.close();
    await using other = createDockerEngine({ host });
    await expect.poll(() => other.listEnvironments({ sessionId }), { timeout: 20_000, interval: 500 }).toEqual([]);
  }, 40_000);
});
