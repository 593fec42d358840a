import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describeDocker } from '@recac/e2e-docker';
import { startCuttingProxy } from '@recac/e2e-faults';
import { createDockerEngine } from '@recac/engine-docker';
import { expect, test, vi } from 'vitest';
import { runCli, startCli } from '../../src/cli.ts';
import {
  findSession,
  inPlace,
  kill,
  killedClientCases,
  type SessionBackend,
  sessionOptions,
  toSessionName,
} from '../killed-client-cases.ts';

/** Each step is a process, and the machine may be busy. */
vi.setConfig({ testTimeout: 120_000 });

describeDocker('a client that is killed on Docker', ({ host }) => {
  const backend: SessionBackend = { place: { dockerHost: host }, createEngine: () => createDockerEngine({ host }) };

  killedClientCases(backend);

  test('row 1: kill -9 in the middle of a command: attach gives every byte and the code', async () => {
    const name = toSessionName('killed');
    await inPlace(backend, name, async (place) => {
      const script = 'i=0; while [ $i -lt 80 ]; do i=$((i+1)); echo $i; sleep 0.05; done; exit 37';
      const running = startCli(place, ['run', '--quiet', '--name', name, ...sessionOptions, '-c', script]);
      await running.until('\n20\n');
      await kill(running);
      const stdout = Array.from({ length: 80 }, (_, index) => `${index + 1}\n`).join('');
      expect(await runCli(place, ['attach', '--quiet', name])).toEqual({ code: 37, signal: null, stdout, stderr: '' });
      expect((await runCli(place, ['stop', '--quiet', name])).code).toBe(0);
    });
  });

  test('row 1: kill -9, and nobody comes back: its network goes with the next list, a minute later', async () => {
    const name = toSessionName('networked');
    const findNetworks = async (): Promise<string> => {
      const argv = ['-H', host, 'network', 'ls', '--quiet', '--filter', `label=recac.dev/session=${name}`];
      return (await promisify(execFile)('docker', argv)).stdout.trim();
    };
    await inPlace(backend, name, async (place) => {
      const flags = ['--network', 'open', '--lease', '2s'];
      const running = startCli(place, [
        'run',
        '--quiet',
        '--name',
        name,
        ...sessionOptions,
        ...flags,
        '-c',
        'echo begun; sleep 300',
      ]);
      await running.until('begun');
      await kill(running);
      await expect.poll(() => findSession(backend, name), { timeout: 60_000, interval: 500 }).toEqual([]);
      expect(await findNetworks()).not.toBe('');
      // A younger one could belong to an environment that is about to be made.
      await delay(62_000);
      // Each list sweeps in the background, for which its end waits 2 s only.
      const findAfterList = async (): Promise<string> => {
        expect((await runCli(place, ['list', '--json'])).code).toBe(0);
        return findNetworks();
      };
      await expect.poll(findAfterList, { timeout: 30_000, interval: 1_000 }).toBe('');
    });
  }, 200_000);

  test('row 2: kill -9 between create and start: what was created does not run, and can be stopped', async () => {
    const name = toSessionName('created');
    await using proxy = await startCuttingProxy(host);
    proxy.rules.add({ request: /^POST .*\/start$/, fault: { type: 'hold' } });
    await inPlace(
      backend,
      name,
      async (place) => {
        const running = startCli(place, ['run', '--quiet', '--name', name, ...sessionOptions, '--', 'true']);
        await vi.waitUntil(() => proxy.requests.some((request) => /\/start$/.test(request)), { timeout: 30_000 });
        await kill(running);
        expect((await runCli(place, ['stop', '--quiet', name])).code).toBe(0);
      },
      { dockerHost: proxy.host },
    );
  });

  test('row 4: a second Ctrl-C does not wait for a command that ignores the first', async () => {
    const name = toSessionName('twice');
    await inPlace(backend, name, async (place) => {
      const script = 'trap "" INT TERM; echo begun; while :; do sleep 1; done';
      const running = startCli(place, ['run', '--quiet', '--name', name, ...sessionOptions, '-c', script]);
      await running.until('begun');
      running.child.kill('SIGINT');
      await delay(300);
      running.child.kill('SIGINT');
      expect((await running.ended).code).toBe(130);
      await expect.poll(() => findSession(backend, name), { timeout: 20_000 }).toEqual([]);
    });
  });

  test('fifty runs on one daemon leave nothing and do not meet', async () => {
    await using engine = createDockerEngine({ host });
    const prefix = toSessionName('fifty');
    const results = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const { id } = await engine.startEnvironment({
          sessionId: `${prefix}-${index}`,
          image: 'recac-test/busybox:1',
        });
        const { stdout, exitCode } = await engine.exec(id, [
          'sh',
          '-c',
          `echo ${index} >mine; cat mine; exit ${index}`,
        ]);
        await engine.stopEnvironment(id);
        return { stdout, exitCode };
      }),
    );
    expect(results).toEqual(results.map((_, index) => ({ stdout: `${index}\n`, exitCode: index })));
    const left = (await engine.listEnvironments()).filter(({ sessionId }) => sessionId.startsWith(prefix));
    expect(left).toEqual([]);
  });
});
