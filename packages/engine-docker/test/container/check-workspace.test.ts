import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkWorkspace } from '../../src/container/check-workspace.ts';

const refusal = { code: 'RECAC_INVALID_ARGUMENT', details: { field: 'workspace.hostPath' } };
const check = (hostPath: string, host: string): Promise<void> => checkWorkspace({ type: 'bind', hostPath }, { host });

async function createDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'recac-check-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

describe('a bind mount', () => {
  test("never holds the daemon's socket, by whichever name", async () => {
    const directory = await createDirectory();
    await mkdir(join(directory, 'real', 'project'), { recursive: true });
    await writeFile(join(directory, 'real', 'docker.sock'), '');
    await symlink('real', join(directory, 'link'));
    for (const [socket, path] of [
      ['link/docker.sock', 'real'],
      ['real/docker.sock', 'link'],
      ['link/docker.sock', 'link'],
      ['link/docker.sock', '.'],
      ['real/docker.sock', 'link/.'],
      ['link/missing.sock', 'real'],
    ] as const)
      await expect(check(join(directory, path), `unix://${directory}/${socket}`), path).rejects.toMatchObject(refusal);
    await check(join(directory, 'link', 'project'), `unix://${directory}/real/docker.sock`);
  });

  test.each(['unix:///elsewhere/docker.sock', 'tcp://192.0.2.1:2376', 'ssh://192.0.2.1', 'tcp://127.0.0.1:2375'])(
    'never holds the usual sockets, with a daemon at %s',
    async (host) => {
      for (const path of ['/run', '/var/run', '/var/run/', '/run/../run', '/run/podman', '/run/user/1000', '/run/user'])
        await expect(check(path, host), path).rejects.toMatchObject(refusal);
      for (const path of ['/run/user/1000/project', '/srv/project', '/runner']) await check(path, host);
    },
  );
});
