import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { describeDocker } from '@recac/e2e-docker';
import { expect, test } from 'vitest';
import { connectDaemon } from '../src/daemon/connect-daemon.ts';
import { createDockerEngine } from '../src/index.ts';
import { removeOrphanNetworks } from '../src/network/remove-orphan-networks.ts';
import { busyboxImage, withEnvironment } from './test-engine.ts';

describeDocker('labels of an image, which its containers have too', ({ host }) => {
  const docker = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('docker', ['-H', host, ...args])).stdout.trim();

  /** Runs something with an image that has these labels. */
  async function withImage(labels: Readonly<Record<string, string>>, run: (image: string) => Promise<void>) {
    const image = `recac-test/labelled-${randomUUID()}:1`;
    const changes = Object.entries(labels).flatMap(([key, value]) => ['--change', `LABEL ${key}=${value}`]);
    const container = await docker('create', busyboxImage, 'true');
    await docker('commit', ...changes, container, image);
    await docker('rm', container);
    try {
      await run(image);
    } finally {
      await docker('rmi', '--force', image);
    }
  }

  test("a stop does not remove the volume that the image's labels name, nor is it the end of a lease", async () => {
    const volume = await docker('volume', 'create', `pgdata-${randomUUID()}`);
    await withImage({ 'recac.dev/kept-volume': volume, 'recac.dev/lease': '5000' }, (image) =>
      withEnvironment({ host }, { image }, async ({ engine, id }) => {
        expect(await engine.inspectEnvironment(id)).not.toHaveProperty('leaseMs');
      }),
    );
    expect(await docker('volume', 'rm', volume)).toBe(volume);
  });

  test('an environment of such an image is none of the network helpers, which are swept up', async () => {
    await withImage({ 'recac.dev/network-helper': 'x' }, (image) =>
      withEnvironment({ host }, { image }, async ({ engine, id }) => {
        const signal = AbortSignal.timeout(30_000);
        const { client } = await connectDaemon({ host }, signal);
        await removeOrphanNetworks(client, { graceMs: -60_000 });
        client.close();
        expect(await engine.inspectEnvironment(id)).toMatchObject({ phase: 'Running' });
      }),
    );
  });

  test("a user's own container of an environment's image is not ours", async () => {
    const name = `debug-${randomUUID()}`;
    const image = `recac-test/committed-${randomUUID()}:1`;
    const sessionId = `labels-${randomUUID()}`;
    await using engine = createDockerEngine({ host });
    await withEnvironment({ host }, { sessionId, workspace: { type: 'scratch', outlives: true } }, async ({ id }) => {
      await docker('commit', id, image);
    });
    try {
      const id = await docker('run', '--detach', '--network', 'none', '--name', name, '--entrypoint', 'true', image);
      expect(await engine.listEnvironments({ sessionId })).toEqual([]);
      await expect(engine.inspectEnvironment(id)).rejects.toMatchObject({ code: 'RECAC_ENVIRONMENT_NOT_FOUND' });
      await engine.stopEnvironment(id);
      expect(await docker('inspect', '--format', '{{.Name}}', name)).toBe(`/${name}`);
    } finally {
      await docker('rm', '--force', name);
      await docker('rmi', '--force', image);
    }
  });

  test.each(['pgdata', '../containers/'])('what is no kept workspace of ours is not removed: %s', async (prefix) => {
    const name = `mydb-${randomUUID()}`;
    await docker('create', '--name', name, busyboxImage, 'true');
    const volume = await docker('volume', 'create', `pgdata-${randomUUID()}`);
    await using engine = createDockerEngine({ host });
    try {
      await engine.removeKeptWorkspace(prefix === 'pgdata' ? volume : `${prefix}${name}`);
      expect(await docker('inspect', '--format', '{{.Name}}', name)).toBe(`/${name}`);
      expect(await docker('volume', 'inspect', '--format', '{{.Name}}', volume)).toBe(volume);
    } finally {
      await docker('rm', name).catch(() => {});
      await docker('volume', 'rm', volume).catch(() => {});
    }
  });
});
