import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerEngine, Environment } from '@recac/engine-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { receivePackScript } from '../src/git/environment-scripts.ts';
import { applyWork, createGitWorkspace } from '../src/index.ts';
import { createWorkspaceWorld, type WorkspaceWorld } from './workspace-world.ts';

let world: WorkspaceWorld;
let workspace: ReturnType<typeof createGitWorkspace>;
let environment: Environment;
const inside = async (script: string): Promise<string> => {
  const { exitCode, stdout, stderr } = await world.engine.exec(environment.id, ['sh', '-c', script]);
  expect(exitCode, stderr).toBe(0);
  return stdout.trim();
};

beforeEach(async () => {
  world = await createWorkspaceWorld();
  const { project, engine } = world;
  execFileSync('git', ['init', '-q'], { cwd: project });
  await writeFile(join(project, 'file'), 'first');
  await writeFile(join(project, 'other'), 'other');
  workspace = createGitWorkspace({ engine, path: project });
  environment = await engine.startEnvironment({ sessionId: 'receive-pack', workspace: await workspace.prepare() });
  await workspace.push(environment);
});
afterEach(() => world[Symbol.asyncDispose]());

test.each([
  ['nothing was done', ':'],
  ['the file has another time and the same content', 'touch -d 2020-01-01 file'],
  ['the references are packed', 'git pack-refs --all'],
  ['something else was changed and staged', 'echo mine >new && git add new && echo mine >untracked'],
  ['HEAD is no branch', 'git checkout -q --detach'],
])('a push moves branch, index and files of an environment where %s', async (_, before) => {
  const name = await inside('cat .git/HEAD');
  await inside(before);
  await writeFile(join(world.project, 'file'), 'second');
  expect(await workspace.push(environment)).toMatchObject({ changed: 1, conflicts: [] });
  expect(await inside('cat file')).toBe('second');
  expect(await inside('git diff --name-only')).toBe('');
  expect(await inside('git rev-parse HEAD')).toBe(await inside('git rev-parse refs/recac/base'));
  if (!before.includes('detach')) expect(await inside('cat .git/HEAD')).toBe(name);
  expect(await workspace.push(environment)).toMatchObject({ changed: 0 });
});

// No issue number: a review found that half of such edits were staged.
test.each([
  ['edits a file', 'echo meanwhile >other', /in the way/],
  ['works with the index', ': >.git/index.lock', /index\.lock/],
])(
  'a push that is refused since the session %s meanwhile changes neither index nor files there',
  async (_, edit, said) => {
    await inside('echo theirs >file; echo theirs >other; echo staged >more; git add more');
    await workspace.pull(environment);
    await applyWork({ directory: world.project }, 'receive-pack');
    await writeFile(join(world.project, 'other'), 'further');
    const edits = [':', edit];
    const engine: ContainerEngine = Object.create(world.engine, {
      exec: {
        value: async (...call: Parameters<ContainerEngine['exec']>) => {
          if (call[1][2] === receivePackScript) await inside(edits.shift() ?? ':');
          return world.engine.exec(...call);
        },
      },
    });
    const state = 'git diff --cached; cat file other; ls -A .git | grep index';
    const before = await inside(`cp -r . ../copy; cd ../copy; ${edit}; ${state}`);
    const error = await createGitWorkspace({ engine, path: world.project })
      .push(environment)
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'RECAC_WORKSPACE_CONFLICT', message: expect.stringMatching(said) });
    expect(edits).toEqual([]);
    expect(await inside(state)).toBe(before);
    await inside('rm -f .git/index.lock; echo theirs >other');
    expect(await workspace.push(environment)).toMatchObject({ conflicts: [] });
    expect(await inside('cat other; git diff --name-only; ls -A .git | grep index')).toBe('furtherindex');
  },
);
