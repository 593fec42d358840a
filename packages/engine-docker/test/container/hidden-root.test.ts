import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describeDocker } from '@recac/e2e-docker';
import { expect, test } from 'vitest';
import { createDockerEngine } from '../../src/index.ts';
import { busyboxImage, withEnvironment } from '../test-engine.ts';

// No issue number: a review found that only the text of a user was looked at.
describeDocker('a user that is root by what the image says', ({ host }) => {
  const docker = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('docker', ['-H', host, ...args])).stdout.trim();

  async function withUsers(script: string, work: (image: string) => Promise<void>): Promise<void> {
    const users =
      'root:x:0:0::/:/bin/sh\\n  agent:x:0:1000::/:/bin/sh\\nodd:x:none:1000::/:/bin/sh\\nfine:x:01234:5::/:/bin/sh\\n';
    const all = `printf '${users}' >/etc/passwd; ${script}`;
    const container = await docker('run', '--detach', '--user=0:0', '--network=none', busyboxImage, 'sh', '-c', all);
    const image = `recac-test-users:${process.pid}`;
    try {
      await docker('wait', container);
      await docker('commit', container, image);
      await work(image);
    } finally {
      await docker('rm', '--force', container);
      await docker('rmi', '--force', image);
    }
  }

  test.each([
    ['its /etc/passwd', ':'],
    ['links', 'mkdir /etc/a && mv /etc/passwd /etc/a/b && ln -s b /etc/a/c && ln -s a/c /etc/passwd'],
  ])(
    'is refused by %s before anything runs; root by name and others are not',
    (_, script) =>
      withUsers(script, async (image) => {
        await using engine = createDockerEngine({ host });
        const refused = {
          code: 'RECAC_INVALID_ARGUMENT',
          message: expect.stringMatching(/root \(uid 0\) in the image.*--user root/),
          details: { field: 'user' },
        };
        for (const user of ['agent', 'odd']) {
          const sessionId = `hidden-${user}`;
          await expect(engine.startEnvironment({ sessionId, image, user })).rejects.toMatchObject(refused);
          expect(await engine.listEnvironments({ sessionId })).toEqual([]);
        }
        await withEnvironment({ host }, { image, user: 'fine' }, async (fine) => {
          expect((await fine.engine.exec(fine.id, ['id', '-u'])).stdout).toBe('1234\n');
          const hidden = fine.engine.exec(fine.id, ['id', '-u'], { user: 'odd' });
          await expect(hidden).rejects.toMatchObject(refused);
        });
        await withEnvironment({ host }, { image, user: 'root' }, async (root) => {
          expect((await root.engine.exec(root.id, ['id', '-u'])).stdout).toBe('0\n');
        });
      }),
    60_000,
  );

  test('is refused where the users cannot be read', () =>
    withUsers('rm /etc/passwd && mkdir /etc/passwd', async (image) => {
      await using engine = createDockerEngine({ host });
      const starting = engine.startEnvironment({ sessionId: 'hidden-loop', image, user: 'fine' });
      await expect(starting).rejects.toMatchObject({
        message: expect.stringContaining('the /etc/passwd of the image cannot be read'),
      });
    }));
});
