import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describeDocker } from '@recac/e2e-docker';
import { expect, test } from 'vitest';
import { createDockerEngine } from '../src/index.ts';
import { busyboxImage, withEnvironment } from './test-engine.ts';

describeDocker('odd images', ({ host }) => {
  const docker = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('docker', ['-H', host, ...args])).stdout.trim();

  test('an ENTRYPOINT that ends at once is replaced', async () => {
    const { stdout } = await withEnvironment({ host }, { image: 'recac-test/entrypoint:1' }, ({ engine, id }) =>
      engine.exec(id, ['echo', 'fine']),
    );
    expect(stdout).toBe('fine\n');
  });

  test('an image without /tmp has one', async () => {
    const { stdout } = await withEnvironment({ host }, { image: 'recac-test/no-tmp:1' }, ({ engine, id }) =>
      engine.exec(id, ['sh', '-c', 'touch /tmp/x /workspace/y && stat -c %a /tmp']),
    );
    expect(stdout).toBe('1777\n');
  });

  test('an image without sh is refused with the choice, and nothing is left', async () => {
    await using engine = createDockerEngine({ host });
    const sessionId = 'odd-no-shell';
    await expect(engine.startEnvironment({ sessionId, image: 'recac-test/no-shell:1' })).rejects.toMatchObject({
      code: 'RECAC_ENVIRONMENT_START_FAILED',
      message: expect.stringMatching(/has no sh.*Use an image/),
      details: { reason: 'NoShell' },
    });
    expect(await engine.listEnvironments({ sessionId })).toEqual([]);
  });

  test('a user that the image does not know is refused before anything runs', async () => {
    await using engine = createDockerEngine({ host });
    const sessionId = 'odd-no-user';
    await expect(
      engine.startEnvironment({ sessionId, image: 'recac-test/busybox:1', user: 'nobody-at-all' }),
    ).rejects.toMatchObject({ code: 'RECAC_INVALID_ARGUMENT', details: { field: 'user' } });
    expect(await engine.listEnvironments({ sessionId })).toEqual([]);
  });

  test('a real Debian runs bash, git and tar as an unprivileged user with a HOME', async () => {
    const { stdout, exitCode } = await withEnvironment({ host }, { image: 'recac-test/debian:1' }, ({ engine, id }) =>
      engine.exec(id, [
        'bash',
        '-c',
        'git config --global user.name a && git config --global user.email a@b && git init -q r && cd r && echo x >f && git add . && git commit -qm one && git log --format=%s && tar -c . | tar -t | wc -l',
      ]),
    );
    expect([exitCode, stdout.split('\n')[0]]).toEqual([0, 'one']);
  });

  test.each([
    ['only root may run', 'chmod 700 /bin/busybox', 'ShellDenied', /--user root/],
    [
      'is for another machine',
      "rm /bin/sh; printf '\\177ELF\\2\\1\\1' >/bin/sh; chmod 755 /bin/sh",
      'WrongPlatform',
      /--platform/,
    ],
  ])(
    'an sh that %s is told as that, with what helps',
    async (_, script, reason, message) => {
      const container = await docker(
        'run',
        '--detach',
        '--user',
        '0:0',
        '--network',
        'none',
        busyboxImage,
        'sh',
        '-c',
        script,
      );
      const odd = `recac-test-odd:${process.pid}`;
      try {
        await docker('wait', container);
        await docker('commit', container, odd);
        await expect(withEnvironment({ host }, { image: odd }, async () => {})).rejects.toMatchObject({
          code: 'RECAC_ENVIRONMENT_START_FAILED',
          message: expect.stringMatching(message),
          details: { reason },
        });
      } finally {
        await docker('rm', '--force', container);
        await docker('rmi', '--force', odd);
      }
    },
    60_000,
  );
});
