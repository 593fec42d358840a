import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describeDocker } from '@recac/e2e-docker';
import { expect, test } from 'vitest';
import { resize } from '../src/docker-requests.ts';
import { image, throughProxy } from '../src/through-proxy.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describeDocker('commands that misbehave', ({ host }) => {
  test('row 11: a flood without a newline is cut at the cap and counted, and the next command runs', async () => {
    await throughProxy(host, async ({ engine, start }) => {
      const id = await start();
      const bytes = 2 ** 31;
      const flood = await engine.exec(id, ['sh', '-c', `head -c ${bytes} /dev/zero; exit 3`], {
        maxOutputBytes: 1_000,
      });
      expect(flood).toMatchObject({ outcome: { type: 'exited', code: 3 }, truncated: true, stdoutBytes: bytes });
      expect(flood.stdout).toHaveLength(1_000);
      expect((await engine.exec(id, ['echo', 'alive'])).stdout).toBe('alive\n');
    });
  }, 120_000);

  test('row 12, trap 8: a background child that holds stdout does not hold up the result', async () => {
    await throughProxy(host, async ({ engine, start }) => {
      const id = await start();
      const { outcome, stdout } = await engine.exec(id, ['sh', '-c', 'sleep 600 & echo done'], { timeoutMs: 20_000 });
      expect({ outcome, stdout }).toEqual({ outcome: { type: 'exited', code: 0 }, stdout: 'done\n' });
    });
  }, 60_000);

  test('row 13: a command that ignores SIGTERM is killed after the grace', async () => {
    await throughProxy(host, async ({ engine, start }) => {
      const id = await start();
      const command = ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'];
      const { outcome } = await engine.exec(id, command, { timeoutMs: 1_000, killGraceMs: 500 });
      expect(outcome).toMatchObject({ type: 'timedOut', limit: 'total' });
    });
  }, 60_000);

  test('row 14: a fork bomb meets the limit of processes, and the environment can be stopped', async () => {
    await throughProxy(host, async ({ engine, start, left }) => {
      const id = await start();
      const bomb = engine.exec(id, ['sh', '-c', 'bomb() { bomb | bomb & }; bomb; sleep 60'], { timeoutMs: 4_000 });
      bomb.catch(() => {});
      await pause(3_000);
      await engine.stopEnvironment(id);
      const ended = await bomb.then(
        ({ outcome }) => outcome.type,
        () => 'rejected',
      );
      expect(['lost', 'timedOut', 'rejected']).toContain(ended);
      expect(await left()).toEqual([]);
    });
    // Four thousand processes that fork have to be killed, on a machine that does other things too.
  }, 240_000);

  test('row 16: the environment itself is killed: commands are lost with the reason, later ones fail at once', async () => {
    await throughProxy(host, async ({ engine, start }) => {
      const id = await start();
      const running = engine.exec(id, ['sh', '-c', 'echo begun; sleep 600']);
      await pause(1_000);
      await promisify(execFile)('docker', ['-H', host, 'kill', id]);
      const { outcome, stdout } = await running;
      expect(outcome.type).toBe('lost');
      expect(stdout).toBe('begun\n');
      await expect(engine.exec(id, ['true'])).rejects.toMatchObject({ code: 'RECAC_ENVIRONMENT_NOT_FOUND' });
    });
  }, 60_000);

  test('row 17: a full workspace is ENOSPC of the command, and the environment goes on', async () => {
    await throughProxy(host, async ({ engine, sessionId }) => {
      const { id } = await engine.startEnvironment({
        sessionId,
        image,
        workspace: { type: 'scratch', sizeLimitBytes: 4 * 2 ** 20 },
      });
      const full = await engine.exec(id, ['sh', '-c', 'dd if=/dev/zero of=big bs=1048576 count=8']);
      expect(full.exitCode).not.toBe(0);
      expect(full.stderr).toContain('No space left on device');
      expect((await engine.exec(id, ['sh', '-c', 'rm big; echo alive'])).stdout).toBe('alive\n');
    });
  }, 60_000);

  test('trap 11: what cannot be run says so by its code, not by the runtime', async () => {
    await throughProxy(host, async ({ engine, start }) => {
      const id = await start();
      expect(await engine.exec(id, ['no-such-program'])).toMatchObject({ exitCode: 127 });
      expect(await engine.exec(id, ['/etc'])).toMatchObject({ exitCode: 126 });
      for (const [options, field] of [
        [{ workingDirectory: '/no/such' }, 'workingDirectory'],
        [{ user: 'nobody-knows' }, 'user'],
      ] as const)
        await expect(engine.exec(id, ['true'], options)).rejects.toMatchObject({
          code: 'RECAC_INVALID_ARGUMENT',
          details: { field },
        });
    });
  }, 60_000);

  test('a terminal whose size the daemon does not set is of use after a moment', async () => {
    await throughProxy(host, async ({ engine, proxy, start }) => {
      const id = await start();
      proxy.rules.add({ request: resize, fault: { type: 'hold' }, times: 10 });
      const { stdout } = await engine.exec(id, ['echo', 'alive'], { terminal: { columns: 80, rows: 24 } });
      expect(stdout).toBe('alive\r\n');
    });
  }, 20_000);

  test('trap 9: an environment that is told to stop does so without a grace period of ten seconds', async () => {
    await throughProxy(host, async ({ engine, proxy, start }) => {
      const id = await start();
      await engine.stopEnvironment(id);
      expect(proxy.requests.filter((request) => /\/stop\b/.test(request))).toEqual([]);
    });
  }, 9_000);
});
