import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describeDocker } from '@recac/e2e-docker';
import type { ExecOptions } from '@recac/engine-core';
import { expect, test } from 'vitest';
import { busyboxImage, withEnvironment } from './test-engine.ts';

const terminal = { columns: 80, rows: 24 };

describeDocker('terminals', ({ host }) => {
  const images = [busyboxImage, 'recac-test/debian:1'];

  test.each(images)(
    'a working directory is checked as without a terminal, before anything runs (%s)',
    async (image) => {
      await withEnvironment({ host }, { image }, async ({ engine, id }) => {
        const script =
          'for i in 1 2 3 4 5 6 7 8 9 10; do ln -s "/proc/self/fd/$i" "/workspace/$i"; done; touch file; mkdir -m 0 closed';
        await engine.exec(id, ['sh', '-c', script]);
        const links = Array.from({ length: 10 }, (_, index) => `/workspace/${index + 1}`);
        for (const workingDirectory of ['/no/such', '/workspace/file', '/workspace/closed', ...links]) {
          const command = ['sh', '-c', 'echo entered'];
          const refusal = await engine.exec(id, command, { workingDirectory }).catch((error) => error);
          expect(refusal).toMatchObject({ code: 'RECAC_INVALID_ARGUMENT', details: { field: 'workingDirectory' } });
          await expect(engine.exec(id, command, { workingDirectory, terminal })).rejects.toMatchObject({
            code: 'RECAC_INVALID_ARGUMENT',
            // Which of its descriptors is what differs from process to process.
            details: !links.includes(workingDirectory) ? refusal.details : { field: 'workingDirectory' },
          });
        }
        await engine.exec(id, ['mkdir', '-p', '/workspace/a b\'"']);
        const { stdout } = await engine.exec(id, ['pwd'], { workingDirectory: '/workspace/a b\'"', terminal });
        expect(stdout).toBe('/workspace/a b\'"\r\n');
      });
    },
    60_000,
  );

  test.each(images)(
    'variables come as they were given, odd names too (%s)',
    async (image) => {
      await withEnvironment({ host }, { image }, async ({ engine, id }) => {
        const inTerminal = async (options: ExecOptions): Promise<readonly string[]> =>
          (await engine.exec(id, ['env'], { terminal, ...options })).stdout.split('\r\n');
        expect(await inTerminal({})).toContain('TERM=xterm-256color');
        const variables = { TERM: 'dumb', 'A.B': 'odd', '1x': 'é', PLAIN: '' };
        for (const workingDirectory of [undefined, '/tmp'])
          expect(
            await inTerminal({ environmentVariables: variables, ...(workingDirectory && { workingDirectory }) }),
          ).toEqual(expect.arrayContaining(['TERM=dumb', 'A.B=odd', '1x=é', 'PLAIN=']));
        expect((await inTerminal({ environmentVariables: variables })).join()).not.toContain('CARRIED');
      });
    },
    60_000,
  );

  test('values of variables are in nothing that the daemon tells of a container', async () => {
    await withEnvironment({ host }, {}, async ({ engine, id }) => {
      const value = 'secret "$x`\\ \'';
      const environmentVariables = { 'my.api-key': value, '-a b': value, PLAIN: value };
      const { stdout } = await engine.exec(id, ['cat', '/proc/self/environ'], { terminal, environmentVariables });
      const seen = stdout.split('\0');
      for (const name of Object.keys(environmentVariables)) expect(seen).toContain(`${name}=${value}`);
      const words = ['-H', host, 'events', '--since', '60s', '--until', '-1s', '--filter', `container=${id}`];
      const { stdout: events } = await promisify(execFile)('docker', words);
      expect(events).toContain('exec_create');
      expect(events).not.toContain('secret');
    });
  }, 60_000);

  test('bytes that a terminal cannot be given are refused', async () => {
    await withEnvironment({ host }, {}, async ({ engine, id }) => {
      const bytes = Uint8Array.of(0x61, 0xff);
      await expect(engine.exec(id, ['echo', bytes], { terminal })).rejects.toMatchObject({
        code: 'RECAC_INVALID_ARGUMENT',
        details: { field: 'command[1]' },
      });
      await expect(engine.exec(id, ['env'], { terminal, environmentVariables: { X: bytes } })).rejects.toMatchObject({
        code: 'RECAC_INVALID_ARGUMENT',
        details: { field: 'environmentVariables.X' },
      });
      const marked = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61);
      expect((await engine.exec(id, ['echo', marked], { terminal })).stdout).toBe('\ufeffa\r\n');
    });
  }, 60_000);
});
