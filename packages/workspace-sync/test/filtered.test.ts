import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createLocalEngine } from '@recac/engine-local';
import { expect, test } from 'vitest';
import { applyWork, createGitWorkspace, mergeWork } from '../src/index.ts';
import { git } from './git-daemon.ts';

test('files of a filter go in as git stores them, are named, and come back beside or not at all', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'recac-filtered-'));
  const project = join(directory, 'project');
  git(directory, 'init', '-q', '-b', 'main', project);
  git(project, 'config', 'filter.up.clean', 'tr a-z A-Z');
  git(project, 'config', 'filter.up.smudge', 'tr A-Z a-z');
  await writeFile(join(project, '.gitattributes'), '*.bin filter=up\n');
  for (const name of ['one.bin', 'two.bin', 'file']) await writeFile(join(project, name), 'content\n');
  git(project, 'add', '.');
  git(project, 'commit', '-q', '-m', 'first');
  await delay(1_100);
  git(project, 'update-index', '-q', '--refresh');
  await using engine = createLocalEngine({ stateDirectory: join(directory, 'state') });
  const workspace = createGitWorkspace({ engine, path: project });
  const environment = await engine.startEnvironment({ sessionId: 'taken', workspace: await workspace.prepare() });
  try {
    expect((await workspace.push(environment)).skipped).toEqual(['one.bin', 'two.bin']);
    const script =
      'cat one.bin; echo theirs | tee one.bin new.bin file >/dev/null; rm two.bin; git add .; git commit -qm x';
    expect((await engine.exec(environment.id, ['sh', '-c', script])).stdout).toBe('CONTENT\n');
    await workspace.harvest(environment);
    const { changed, conflicts } = await applyWork({ directory: project }, 'taken');
    expect(changed).toEqual(['file', 'new.bin']);
    expect(conflicts).toEqual([{ path: 'one.bin', saved: 'one.bin.recac-taken' }, { path: 'two.bin' }]);
    expect(await readFile(join(project, 'one.bin'), 'utf8')).toBe('content\n');
    expect(await readFile(join(project, 'one.bin.recac-taken'), 'utf8')).toBe('theirs\n');
    git(project, 'stash', 'push', '-q', '--include-untracked');
    await delay(1_100);
    git(project, 'update-index', '-q', '--refresh');
    expect((await mergeWork({ directory: project }, 'taken')).ignored).toEqual(['new.bin', 'one.bin']);
    expect(git(project, 'show', '--format=', '--name-only', 'HEAD')).toBe('file\ntwo.bin');
    expect(git(project, 'status', '--short')).toBe('');
  } finally {
    await engine.stopEnvironment(environment.id);
    await rm(directory, { recursive: true, force: true });
  }
});
