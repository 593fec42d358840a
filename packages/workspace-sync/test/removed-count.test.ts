import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createGitWorkspace } from '../src/index.ts';
import { git } from './git-daemon.ts';
import { createWorkspaceWorld } from './workspace-world.ts';

test('what is gone counts as removed, not as changed, also beside conflicts', async () => {
  await using world = await createWorkspaceWorld();
  const { engine, project } = world;
  const write = async (names: string, content: string): Promise<void> => {
    for (const name of names) await writeFile(join(project, name), content);
  };
  git(project, 'init', '-q');
  await write('abcdefgh', '1\n');
  git(project, 'add', '-A');
  git(project, '-c', 'user.name=t', '-c', 'user.email=t', 'commit', '-qm', 'first');
  const workspace = createGitWorkspace({ engine, path: project });
  await workspace.prepare();
  const environment = await engine.startEnvironment({ sessionId: 'removed' });
  await workspace.push(environment);
  await rm(join(project, 'a'));
  await write('bc', '2\n');
  expect(await workspace.push(environment)).toMatchObject({ changed: 2, removed: 1, conflicts: [] });
  await workspace.pull(environment);
  await engine.exec(environment.id, ['sh', '-c', 'echo 3 >d; rm e g; echo 2 >f; echo 2 >new']);
  expect(await workspace.pull(environment)).toMatchObject({ changed: 3, removed: 2 });
  for (const name of 'dehb') await rm(join(project, name));
  await write('cf', '2\n');
  await write('i', '2\n');
  expect(await workspace.push(environment)).toMatchObject({ changed: 1, removed: 2, conflicts: ['d'] });
});
