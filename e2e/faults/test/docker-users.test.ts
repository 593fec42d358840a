import { describeDocker } from '@recac/e2e-docker';
import { expect, test } from 'vitest';
import { startExec } from '../src/docker-requests.ts';
import type { Fault } from '../src/fault.ts';
import { throughProxy } from '../src/through-proxy.ts';

describeDocker('commands of another user', ({ host }) => {
  test.each<[string, Fault]>([
    ['breaks', { type: 'truncate', afterBytes: 20, ofStream: true }],
    ['ends', { type: 'truncate', afterBytes: 0, ofStream: true, end: 'in order' }],
  ])('a line that %s while the users are read is not an unknown user, and they are read again', async (_, fault) => {
    await throughProxy(host, async ({ engine, proxy, start }) => {
      const id = await start();
      proxy.rules.add({ request: startExec, fault });
      const failed = engine.execAsUser(id, 'root', ['id', '-un']);
      // On a busy machine the line may end before the daemon's answer has come.
      await expect(failed).rejects.toMatchObject({
        code: expect.stringMatching(/^RECAC_(EXEC_FAILED|ENGINE_UNAVAILABLE)$/),
      });
      expect((await engine.execAsUser(id, 'root', ['id', '-un'])).stdout).toBe('root\n');
    });
  });

  test('one who gives up while the users are read leaves others their answer', async () => {
    await throughProxy(host, async ({ engine, proxy, start }) => {
      const id = await start();
      proxy.rules.add({ request: startExec, fault: { type: 'delay', ms: 1_500 } });
      const terminal = { rows: 24, columns: 80 };
      const signal = AbortSignal.timeout(300);
      const impatient = engine.execAsUser(id, 'root', ['id', '-un'], { terminal, signal });
      const patient = engine.execAsUser(id, 'root', ['id', '-un'], { terminal });
      await expect(impatient).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
      expect((await patient).stdout).toBe('root\r\n');
    });
  });

  test('a terminal of another user ends with its time limit', async () => {
    await throughProxy(host, async ({ engine, start }) => {
      const id = await start();
      const terminal = { rows: 24, columns: 80 };
      const { outcome } = await engine.exec(id, ['sleep', '600'], { terminal, user: 'root', timeoutMs: 1_000 });
      expect(outcome).toMatchObject({ type: 'timedOut' });
    });
  }, 20_000);
});
