import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { requestDaemon, testImages } from '@recac/e2e-images';
import { expect, test, vi } from 'vitest';
import { describeOwnDaemon, startDaemon } from '../src/index.ts';
import { createContainer } from './create-container.ts';

const busybox = testImages.filter(({ reference }) => reference === 'recac-test/busybox:1');

/** Command lines of all processes of this machine that name a directory. */
async function processesThatName(directory: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const commands = ids.map((id) => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  });
  return commands.filter((command) => command.includes(directory));
}

async function isRunning(host: string, name: string): Promise<boolean> {
  const { body } = await requestDaemon({ host, path: `/containers/${name}/json` });
  return JSON.parse(body).State.Running;
}

/** Removes the empty control groups of a container whose daemon could not do it. */
async function removeControlGroups(container: string): Promise<void> {
  const root = '/sys/fs/cgroup';
  const names = await readdir(root, { recursive: true });
  for (const name of names.filter((path) => path.endsWith(`/${container}`))) await rmdir(join(root, name));
}

describeOwnDaemon('a daemon for tests', () => {
  test('has its images, and leaves nothing when it stops', async () => {
    const daemon = await startDaemon({ images: busybox });
    const directory = dirname(daemon.socket);
    const { body } = await requestDaemon({ host: daemon.host, path: '/images/json' });
    expect(JSON.parse(body).map((image: { RepoTags: string[] }) => image.RepoTags)).toEqual([['recac-test/busybox:1']]);
    await createContainer(daemon.host, 'left');
    expect(await processesThatName(directory)).not.toEqual([]);
    await daemon.stop();
    expect(await processesThatName(directory)).toEqual([]);
    expect(await stat(directory).catch(() => 'gone')).toBe('gone');
  });

  test('keeps its containers over a restart with --live-restore, and not without', async () => {
    await using kept = await startDaemon({ images: busybox, flags: ['--live-restore'] });
    await createContainer(kept.host, 'one');
    await kept.restart('KILL');
    expect(await isRunning(kept.host, 'one')).toBe(true);
    await kept.restart();
    expect(await isRunning(kept.host, 'one')).toBe(true);

    await using plain = await startDaemon({ images: busybox });
    await createContainer(plain.host, 'one');
    await plain.restart();
    expect(await isRunning(plain.host, 'one')).toBe(false);
  });

  test('ends with the program that started it, even when that is killed', async () => {
    const client = spawn(process.execPath, [
      '--conditions=@recac/source',
      join(import.meta.dirname, 'start-and-wait.ts'),
    ]);
    client.stderr.pipe(process.stderr);
    const [line] = await once(client.stdout.setEncoding('utf8'), 'data');
    const [host, container] = line.trim().split(' ');
    const directory = dirname(new URL(host).pathname);
    expect(await processesThatName(directory)).toContainEqual(expect.stringContaining('containerd-shim'));
    client.kill('SIGKILL');
    await expect.poll(() => processesThatName(directory), { timeout: 20_000 }).toEqual([]);
    await rm(directory, { recursive: true });
    await removeControlGroups(container);
  });

  test('keeps its images for the next one, and a second one at the same time gets a place of its own', async () => {
    const cache = await mkdtemp(join(tmpdir(), 'recac-cache-'));
    vi.stubEnv('XDG_CACHE_HOME', cache);
    const countImages = async ({ host }: { host: string }) =>
      JSON.parse((await requestDaemon({ host, path: '/images/json' })).body).length;
    try {
      await using first = await startDaemon({ images: busybox, keep: true });
      await using second = await startDaemon({ keep: true });
      expect([await countImages(first), await countImages(second)]).toEqual([1, 0]);
      await createContainer(first.host, 'left');
      await first.stop();
      await using third = await startDaemon({ keep: true });
      expect(await countImages(third)).toBe(1);
      expect((await requestDaemon({ host: third.host, path: '/containers/json?all=1' })).body.trim()).toBe('[]');
    } finally {
      vi.unstubAllEnvs();
      await rm(cache, { recursive: true, force: true });
    }
  });

  test('says what its log says when it cannot start', async () => {
    await expect(startDaemon({ flags: ['--no-such-flag'] })).rejects.toThrow(/ended.*no-such-flag/s);
  });
});
