import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A real git server with one repository, `project`, on an address of this machine. */
export interface GitDaemon extends AsyncDisposable {
  /** Address of the repository. */
  readonly url: string;
  /** Directory of the repository, without a working tree. */
  readonly directory: string;
}

export const git = (cwd: string, ...argv: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...argv], {
    cwd,
    encoding: 'utf8',
  }).trim();

/** Serves a repository with two commits on `main`. */
export async function startGitDaemon(root: string, host = '127.0.0.1'): Promise<GitDaemon> {
  const directory = join(root, 'served/project');
  const seed = join(root, 'seed');
  await mkdir(seed, { recursive: true });
  git(seed, 'init', '-q', '-b', 'main');
  for (const text of ['one\n', 'two\n']) {
    await writeFile(join(seed, 'file'), text);
    git(seed, 'add', '.');
    git(seed, 'commit', '-q', '-m', text.trim());
  }
  git(root, 'clone', '-q', '--bare', seed, directory);
  const port = await findPort(host);
  const flags = [`--listen=${host}`, `--port=${port}`, `--base-path=${join(root, 'served')}`];
  const child = spawn(
    'git',
    ['daemon', '--reuseaddr', '--export-all', '--enable=receive-pack', '--informative-errors', ...flags],
    { stdio: 'ignore' },
  );
  const url = `git://${host}:${port}/project`;
  for (let attempt = 0; ; attempt += 1) {
    try {
      git(root, 'ls-remote', url);
      break;
    } catch (error) {
      if (attempt === 50) throw error;
      await delay(100);
    }
  }
  return {
    url,
    directory,
    [Symbol.asyncDispose]: async () => {
      const closed = once(child, 'close');
      child.kill();
      await closed;
    },
  };
}

async function findPort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  server.close();
  return port;
}
