import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';

/** Makes a git repository with one commit in an empty directory: a small program, its failing test and a scripted agent. */
export function createSampleRepository(directory) {
  cpSync(join(import.meta.dirname, 'sample'), directory, { recursive: true });
  git(directory, 'init', '--quiet', '--initial-branch=main');
  git(directory, 'add', '.');
  git(
    directory,
    '-c',
    'user.name=Demo',
    '-c',
    'user.email=demo@example.invalid',
    'commit',
    '--quiet',
    '-m',
    'Invoices',
  );
}

/** Runs git in a directory, ignoring the user's own git configuration, and gives its stdout. */
export function git(directory, ...args) {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', args, { cwd: directory, env, encoding: 'utf8' });
}
