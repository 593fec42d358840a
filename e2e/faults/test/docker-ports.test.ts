import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { describeDocker } from '@recac/e2e-docker';
import type { ContainerEngine } from '@recac/engine-core';
import { expect, test } from 'vitest';
import { startExec } from '../src/docker-requests.ts';
import { image, throughProxy } from '../src/through-proxy.ts';

describeDocker('connections to ports', ({ host }) => {
  const docker = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('docker', ['-H', host, ...args])).stdout.trim();

  test('a line that breaks before the answer is told as that', async () => {
    await throughProxy(host, async ({ engine, proxy, start }) => {
      const id = await start();
      proxy.rules.add({ request: startExec, fault: { type: 'truncate', afterBytes: 0, ofStream: true } });
      await expect(engine.openPort(id, 8_080)).rejects.toMatchObject({
        code: 'RECAC_EXEC_FAILED',
        message: expect.not.stringContaining('nothing listens'),
        details: { reason: 'lost' },
      });
      await expect(engine.openPort(id, 8_080)).rejects.toThrow('nothing listens on port 8080');
    });
  });

  test('waiting for the answer ends with its signal', async () => {
    await throughProxy(host, async ({ engine, proxy, start }) => {
      const id = await start();
      proxy.rules.add({ request: startExec, fault: { type: 'silence', afterBytes: 0, ofStream: true } });
      const connecting = engine.openPort(id, 8_080, { signal: AbortSignal.timeout(1_000) });
      await expect(connecting).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
    });
  }, 20_000);

  test('nothing is run in a container that is not ours', async () => {
    await throughProxy(host, async ({ engine, proxy }) => {
      const id = await docker('run', '--detach', '--network', 'none', image, 'sleep', '600');
      try {
        await expect(engine.openPort(id, 8_080)).rejects.toMatchObject({ code: 'RECAC_ENVIRONMENT_NOT_FOUND' });
        expect(proxy.requests.filter((request) => request.includes('exec'))).toEqual([]);
      } finally {
        await docker('rm', '--force', id);
      }
    });
  });

  test('a relay whose server does not hang up goes with its connection', async () => {
    await throughProxy(host, async ({ engine, start }) => {
      const id = await start();
      const server = await engine.spawn(id, ['nc', '-l', '-p', '8080', '-e', 'sleep', '600']);
      const findRelays = async (): Promise<string> =>
        (await engine.exec(id, ['sh', '-c', 'ps -o args | grep -E "^nc .*127.0.0.1" || true'])).stdout;
      const deadline = performance.now() + 20_000;
      let connection = await engine.openPort(id, 8_080).catch(() => undefined);
      while (connection === undefined && performance.now() < deadline)
        connection = await engine.openPort(id, 8_080).catch(() => undefined);
      expect(await findRelays()).not.toBe('');
      await connection?.[Symbol.asyncDispose]();
      await expect.poll(findRelays, { timeout: 10_000 }).toBe('');
      await server.detach();
    });
  }, 60_000);

  test('writes that are held back leave no listeners', async () => {
    const warnings: string[] = [];
    const onWarning = ({ name }: Error) => warnings.push(name);
    process.on('warning', onWarning);
    try {
      await throughProxy(host, async ({ engine, start }) => {
        const id = await start();
        const server = await engine.spawn(id, ['nc', '-l', '-p', '8080', '-e', 'sh', '-c', 'cat >/dev/null']);
        await expect
          .poll(() => writeMuch(engine.openPort(id, 8_080)).then(String, ({ message }) => message), { timeout: 20_000 })
          .toBe('undefined');
        server.detach();
      });
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(warnings).toEqual([]);
    } finally {
      process.off('warning', onWarning);
    }
  }, 30_000);

  async function writeMuch(connecting: ReturnType<ContainerEngine['openPort']>): Promise<void> {
    await using connection = await connecting;
    for (let piece = 0; piece < 40; piece += 1) await connection.write(new Uint8Array(262_144));
  }
});
