import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeDocker } from '@recac/e2e-docker';
import { startCuttingProxy } from '@recac/e2e-faults';
import { createDockerEngine } from '@recac/engine-docker';
import { expect, test, vi } from 'vitest';
import { type CliPlace, runCli, startCli } from '../../src/cli.ts';
import { createPlace } from '../../src/place.ts';

/** Each step is a process, and the machine may be busy. */
vi.setConfig({ testTimeout: 120_000 });

const image = ['--image', 'recac-test/busybox:1', '--sync', 'none'];

describeDocker('a client that is killed on Docker', ({ host }) => {
  const sessionsOf = async (name: string): Promise<readonly string[]> => {
    await using engine = createDockerEngine({ host });
    return (await engine.listEnvironments({ sessionId: name })).map(({ id }) => id);
  };
  const toName = (what: string): string => `${what}-${process.pid}`;

  /** Runs a test in a place of its own; its session is gone in the end, or the test fails and removes it. */
  async function inPlace(name: string, run: (place: CliPlace) => Promise<void>, dockerHost = host): Promise<void> {
    await using place = await createPlace({ dockerHost });
    try {
      await run(place);
      expect(await sessionsOf(name), 'nothing is left').toEqual([]);
    } finally {
      await using engine = createDockerEngine({ host });
      for (const id of await sessionsOf(name)) await engine.stopEnvironment(id);
    }
  }

  test('row 1: kill -9 in the middle of a command: attach gives every byte and the code', async () => {
    const name = toName('killed');
    await inPlace(name, async (place) => {
      const script = 'i=0; while [ $i -lt 80 ]; do i=$((i+1)); echo $i; sleep 0.05; done; exit 37';
      const running = startCli(place, ['run', '--quiet', '--name', name, ...image, '-c', script]);
      await running.until('\n20\n');
      running.child.kill('SIGKILL');
      expect((await running.ended).signal).toBe('SIGKILL');
      const stdout = Array.from({ length: 80 }, (_, index) => `${index + 1}\n`).join('');
      expect(await runCli(place, ['attach', '--quiet', name])).toEqual({ code: 37, signal: null, stdout, stderr: '' });
      expect((await runCli(place, ['stop', '--quiet', name])).code).toBe(0);
    });
  });

  test('row 1: kill -9, and nobody comes back: command and environment go with the lease', async () => {
    const name = toName('leased');
    await inPlace(name, async (place) => {
      const run = ['run', '--quiet', '--name', name, '--lease', '2s', ...image];
      const running = startCli(place, [...run, '-c', 'echo begun; exec sleep 300']);
      await running.until('begun');
      running.child.kill('SIGKILL');
      await running.ended;
      await expect.poll(() => sessionsOf(name), { timeout: 30_000, interval: 500 }).toEqual([]);
    });
  });

  test('row 2: kill -9 between create and start: what was created does not run, and can be stopped', async () => {
    const name = toName('created');
    await using proxy = await startCuttingProxy(host);
    proxy.rules.add({ request: /^POST .*\/start$/, fault: { type: 'hold' } });
    await inPlace(
      name,
      async (place) => {
        const running = startCli(place, ['run', '--quiet', '--name', name, ...image, '--', 'true']);
        await vi.waitUntil(() => proxy.requests.some((request) => /\/start$/.test(request)), { timeout: 30_000 });
        running.child.kill('SIGKILL');
        await running.ended;
        expect((await runCli(place, ['stop', '--quiet', name])).code).toBe(0);
      },
      proxy.host,
    );
  });

  test('row 3: kill -9 in the middle of a copy: nothing of it is to be seen, and no process of it stays', async () => {
    const name = toName('copied');
    await inPlace(name, async (place) => {
      expect((await runCli(place, ['start', '--quiet', '--name', name, ...image])).code).toBe(0);
      const tree = join(place.project, 'tree');
      await mkdir(tree);
      await writeFile(join(tree, 'large'), Buffer.alloc(400 * 2 ** 20, 'x'));
      const copying = startCli(place, ['cp', '--quiet', tree, `${name}:tree`]);
      await delay(700);
      copying.child.kill('SIGKILL');
      const { signal } = await copying.ended;
      expect(signal).toBe('SIGKILL');
      const left = async (): Promise<string> =>
        (await runCli(place, ['exec', '--quiet', name, '-c', 'ls -A; pgrep -x tar'])).stdout;
      await expect.poll(left, { timeout: 20_000, interval: 500 }).toBe('');
      expect((await runCli(place, ['stop', '--quiet', name])).code).toBe(0);
    });
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'row 4: %s stops the command and leaves nothing',
    async (signal) => {
      const name = toName(`signal-${signal.toLowerCase()}`);
      await inPlace(name, async (place) => {
        const running = startCli(place, ['run', '--quiet', '--name', name, ...image, '-c', 'echo begun; sleep 300']);
        await running.until('begun');
        running.child.kill(signal);
        expect((await running.ended).code).toBe({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]);
      });
    },
  );

  test('row 4: a second Ctrl-C does not wait for a command that ignores the first', async () => {
    const name = toName('twice');
    await inPlace(name, async (place) => {
      const script = 'trap "" INT TERM; echo begun; while :; do sleep 1; done';
      const running = startCli(place, ['run', '--quiet', '--name', name, ...image, '-c', script]);
      await running.until('begun');
      running.child.kill('SIGINT');
      await delay(300);
      running.child.kill('SIGINT');
      expect((await running.ended).code).toBe(130);
      await expect.poll(() => sessionsOf(name), { timeout: 20_000 }).toEqual([]);
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

  test('fifty runs on one daemon leave nothing and do not meet', async () => {
    await using engine = createDockerEngine({ host });
    const prefix = toName('fifty');
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
