import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { describeDocker } from '@recac/e2e-docker';
import { type ContainerEngine, toEnvironmentName } from '@recac/engine-core';
import { afterAll, expect, test } from 'vitest';
import { createDockerEngine } from '../../src/index.ts';
import { busyboxImage } from '../test-engine.ts';
import { type CuttingProxy, type Fault, startCuttingProxy } from './cutting-proxy.ts';

const create = /^POST \/v[\d.]+\/containers\/create/;
const start = /^POST \/v[\d.]+\/containers\/[0-9a-f]{64}\/start/;
const attach = /^POST \/v[\d.]+\/containers\/[0-9a-f]{64}\/attach/;
const list = /^GET \/v[\d.]+\/containers\/json/;
const remove = /^DELETE \/v[\d.]+\/containers/;

describeDocker('faults between us and the daemon', ({ host }) => {
  const docker = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('docker', ['-H', host, ...args])).stdout.trim();
  const left = (sessionId: string): Promise<string> =>
    docker('ps', '-aq', '--filter', `label=recac.dev/session=${sessionId}`);
  const sessions: string[] = [];
  const newSession = (): string => {
    const sessionId = `fault-${randomUUID()}`;
    sessions.push(sessionId);
    return sessionId;
  };
  afterAll(async () => {
    for (const sessionId of sessions) expect(await left(sessionId), `nothing is left of ${sessionId}`).toBe('');
  });

  /** Starts an environment through a proxy, with a way to break it. */
  async function through<T>(
    run: (engine: ContainerEngine, proxy: CuttingProxy, sessionId: string) => Promise<T>,
  ): Promise<T> {
    await using proxy = await startCuttingProxy(host);
    await using engine = createDockerEngine({ host: proxy.host });
    const sessionId = newSession();
    try {
      return await run(engine, proxy, sessionId);
    } finally {
      await using direct = createDockerEngine({ host });
      for (const { id } of await direct.listEnvironments({ sessionId })) await direct.stopEnvironment(id);
    }
  }

  test.each<[string, Fault]>([
    ['row 22: 500', { type: 'answer', status: 500, message: 'broken' }],
    ['row 22: 503', { type: 'answer', status: 503, message: 'busy' }],
    ['reset before it arrived', { type: 'drop' }],
    ['row 23: its answer is lost', { type: 'lose' }],
  ])('create fails once (%s): one environment, which works', async (_, fault) => {
    await through(async (engine, proxy, sessionId) => {
      proxy.add({ request: create, fault });
      const { id } = await engine.startEnvironment({ sessionId, image: busyboxImage });
      expect((await engine.exec(id, ['echo', 'fine'])).stdout).toBe('fine\n');
      expect((await left(sessionId)).split('\n')).toHaveLength(1);
      await engine.stopEnvironment(id);
    });
  });

  test.each([
    ['attach', attach],
    ['start', start],
  ])('row 2: the line breaks at %s: the error says so, and nothing remains', async (_, request) => {
    for (const type of ['drop', 'lose'] as const)
      await through(async (engine, proxy, sessionId) => {
        proxy.add({ request, fault: { type } });
        await expect(engine.startEnvironment({ sessionId, image: busyboxImage })).rejects.toMatchObject({
          code: 'RECAC_ENGINE_UNAVAILABLE',
        });
        expect(await left(sessionId)).toBe('');
      });
  });

  test('row 21: a start that is never answered ends with the pending limit, names the phase, and leaves nothing', async () => {
    await through(async (engine, proxy, sessionId) => {
      proxy.add({ request: start, fault: { type: 'swallow' } });
      const starting = engine.startEnvironment({ sessionId, image: busyboxImage, pendingTimeoutMs: 3_000 });
      await expect(starting).rejects.toMatchObject({
        code: 'RECAC_ENVIRONMENT_START_TIMEOUT',
        details: { phase: 'start' },
      });
      expect(await left(sessionId)).toBe('');
    });
  });

  test('row 22: a list that is answered 503 twice is asked again', async () => {
    await through(async (engine, proxy) => {
      proxy.add({ request: list, fault: { type: 'answer', status: 503, message: 'busy' }, times: 2 });
      await engine.listEnvironments({ sessionId: 'fault-nobody' });
      expect(proxy.requests.filter((request) => list.test(request))).toHaveLength(3);
    });
  });

  test('row 24: a foreign container of our name is an error, and is left alone', async () => {
    const sessionId = `fault-${randomUUID()}`;
    const name = toEnvironmentName(sessionId);
    await docker('create', '--name', name, busyboxImage, 'true');
    try {
      await using engine = createDockerEngine({ host });
      await expect(engine.startEnvironment({ sessionId, image: busyboxImage })).rejects.toMatchObject({
        code: 'RECAC_ENVIRONMENT_CONFLICT',
        details: { ours: false },
      });
      expect(await docker('ps', '-aq', '--filter', `name=${name}`)).not.toBe('');
    } finally {
      await docker('rm', '-f', name);
    }
  });

  test('row 6: every line is reset in the middle of output: every byte arrives, and the code', async () => {
    await through(async (engine, proxy, sessionId) => {
      const { id } = await engine.startEnvironment({ sessionId, image: busyboxImage });
      const script = 'i=0; while [ $i -lt 80 ]; do i=$((i+1)); echo $i; echo e$i >&2; sleep 0.03; done; exit 9';
      const running = engine.exec(id, ['sh', '-c', script]);
      for (let cut = 0; cut < 3; cut += 1) {
        await new Promise((resolve) => setTimeout(resolve, 500));
        proxy.resetAll();
      }
      const numbers = Array.from({ length: 80 }, (_, index) => index + 1);
      expect(await running).toMatchObject({
        outcome: { type: 'exited', code: 9 },
        stdout: numbers.map((number) => `${number}\n`).join(''),
        stderr: numbers.map((number) => `e${number}\n`).join(''),
      });
    });
  }, 60_000);

  test('trap 7: a stream that is cut inside a frame never passes for an end', async () => {
    await through(async (engine, proxy, sessionId) => {
      const { id } = await engine.startEnvironment({ sessionId, image: busyboxImage });
      proxy.add({ request: /^POST \/v[\d.]+\/exec\//, fault: { type: 'cut', afterBytes: 400 }, times: 3 });
      const result = await engine.exec(id, ['sh', '-c', 'seq 1 20000; exit 5']);
      expect(result).toMatchObject({ outcome: { type: 'exited', code: 5 } });
      expect(result.stdout.split('\n')).toHaveLength(20_001);
    });
  }, 60_000);

  test('row 24: a container that is being removed already counts as removed', async () => {
    await through(async (engine, proxy, sessionId) => {
      const { id } = await engine.startEnvironment({ sessionId, image: busyboxImage });
      const message = `removal of container ${id} is already in progress`;
      proxy.add({ request: remove, fault: { type: 'answer', status: 409, message } });
      await engine.stopEnvironment(id);
      expect(await left(sessionId)).toBe('');
    });
  });

  test('row 19: a daemon that is not there is an error at once, which says where it was looked for', async () => {
    await using engine = createDockerEngine({ host: 'unix:///nonexistent/docker.sock' });
    await expect(engine.init()).rejects.toMatchObject({
      code: 'RECAC_ENGINE_UNAVAILABLE',
      message: expect.stringContaining('/nonexistent/docker.sock'),
    });
  });

  test('row 14: a fork bomb meets the limit of processes, and the environment can be stopped', async () => {
    await using engine = createDockerEngine({ host });
    const sessionId = newSession();
    const { id } = await engine.startEnvironment({ sessionId, image: busyboxImage });
    const bomb = engine.exec(id, ['sh', '-c', 'bomb() { bomb | bomb & }; bomb; sleep 60'], { timeoutMs: 4_000 });
    bomb.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await engine.stopEnvironment(id);
    const ended = await bomb.then(
      ({ outcome }) => outcome.type,
      () => 'rejected',
    );
    expect(['lost', 'timedOut', 'rejected']).toContain(ended);
    expect(await left(sessionId)).toBe('');
  }, 60_000);

  test('row 1: after kill -9 of every client the environment goes with its lease', async () => {
    const sessionId = newSession();
    const engine = createDockerEngine({ host });
    await engine.startEnvironment({ sessionId, image: busyboxImage, leaseMs: 2_000 });
    await engine.close();
    await expect.poll(() => left(sessionId), { timeout: 20_000, interval: 500 }).toBe('');
  }, 30_000);
});
