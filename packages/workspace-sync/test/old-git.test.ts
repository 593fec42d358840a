import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyWork, checkoutWork, mergeWork } from '../src/index.ts';
import { git } from './git-daemon.ts';
import { makeSessionWork } from './session-work.ts';

let directory: string;
const path = process.env.PATH;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-old-'));
});
afterEach(async () => {
  process.env.PATH = path;
  await rm(directory, { recursive: true, force: true });
});

test('a git that cannot merge without a working tree is named with its version, and what works with it', async () => {
  const project = join(directory, 'project');
  git(directory, 'init', '-q', '-b', 'main', project);
  await writeFile(join(project, 'file'), 'one\n');
  git(project, 'add', '.');
  git(project, 'commit', '-q', '-m', 'one');
  const script = 'echo two >file';
  await makeSessionWork(project, { sessionId: 'old', there: join(directory, 'there'), script });
  const bin = join(directory, 'bin');
  await mkdir(bin);
  // What git 2.34 says and how it ends.
  const old = `#!/bin/sh
for word; do
  case $word in
  merge-tree) echo 'usage: git merge-tree <base-tree> <branch1> <branch2>' >&2; exit 129 ;;
  version) echo 'git version 2.34.1'; exit ;;
  esac
done
exec '${git(project, '--exec-path')}/git' "$@"
`;
  await writeFile(join(bin, 'git'), old, { mode: 0o755 });
  process.env.PATH = `${bin}:${path}`;
  for (const take of [applyWork, mergeWork])
    await expect(take({ directory: project }, 'old')).rejects.toMatchObject({
      code: 'RECAC_WORKSPACE_UNAVAILABLE',
      message: expect.stringMatching(/2\.34\.1.*git 2\.38.*recac checkout.*--sync upload/),
    });
  expect(git(project, 'status', '--short')).toBe('');
  await checkoutWork({ directory: project }, 'old');
  expect(git(project, 'show', 'HEAD:file')).toBe('two');
});
