import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describeDocker, describePodman, type RunningPodman, startPodman, testImages } from '@recac/e2e-docker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDaemon } from '../../src/daemon/connect-daemon.ts';
import { createDockerEngine } from '../../src/index.ts';
import { busyboxImage, withEnvironment } from '../test-engine.ts';

// No issue number: a review found that only the text of a user was looked at.
describeDocker('a user that is root by what the image says', ({ host }) => testHiddenRoot(() => host));

describePodman('a user that is root by what the image says, on Podman', () => {
  let podman: RunningPodman | undefined;

  beforeAll(async () => {
    podman = await startPodman(testImages.filter(({ reference }) => reference === busyboxImage));
  }, 120_000);

  afterAll(() => podman?.stop(), 60_000);

  testHiddenRoot(() => podman?.host ?? 'unix:///not-started');
});

function testHiddenRoot(findHost: () => string): void {
  const docker = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('docker', ['-H', findHost(), ...args])).stdout.trim();

  /** The docker command sends no configuration, which Podman wants. */
  async function commit(container: string, image: string): Promise<void> {
    const { client } = await connectDaemon({ host: findHost() }, AbortSignal.timeout(25_000));
    const [repo, tag] = image.split(':');
    await client.docker.getContainer(container).commit({ repo, tag });
    client.close();
  }

  async function withUsers(script: string, work: (image: string) => Promise<void>): Promise<void> {
    const users =
      'root:x:0:0::/:/bin/sh\\n  agent:x:0:1000::/:/bin/sh\\nodd:x:none:1000::/:/bin/sh\\nfine:x:01234:5::/:/bin/sh\\n';
    const all = `printf '${users}' >/etc/passwd; ${script}`;
    const container = await docker('run', '--detach', '--user=0:0', '--network=none', busyboxImage, 'sh', '-c', all);
    const image = `recac-test-users:${process.pid}`;
    try {
      await docker('wait', container);
      await commit(container, image);
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
        await using engine = createDockerEngine({ host: findHost() });
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
        await withEnvironment({ host: findHost() }, { image, user: 'fine' }, async (fine) => {
          expect((await fine.engine.exec(fine.id, ['id', '-u'])).stdout).toBe('1234\n');
          const hidden = fine.engine.exec(fine.id, ['id', '-u'], { user: 'odd' });
          await expect(hidden).rejects.toMatchObject(refused);
        });
        await withEnvironment({ host: findHost() }, { image, user: 'root' }, async (root) => {
          expect((await root.engine.exec(root.id, ['id', '-u'])).stdout).toBe('0\n');
        });
      }),
    60_000,
  );

  test('is refused where the users cannot be read', () =>
    withUsers('rm /etc/passwd && mkdir /etc/passwd', async (image) => {
      await using engine = createDockerEngine({ host: findHost() });
      const starting = engine.startEnvironment({ sessionId: 'hidden-loop', image, user: 'fine' });
      await expect(starting).rejects.toMatchObject({
        code: 'RECAC_INVALID_ARGUMENT',
        details: { field: 'user' },
      });
    }));
}
