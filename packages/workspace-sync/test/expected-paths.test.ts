import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalEngine } from '@recac/engine-local';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createUploadWorkspace } from '../src/index.ts';
import { Manifest } from '../src/manifest/manifest.ts';
import { untilChange } from '../src/manifest/manifest-entry.ts';
import { scanPath } from '../src/manifest/scan-path.ts';
import { toExpectedPaths } from '../src/upload/expected-paths.ts';
import { changeNames, receiveExit, receiveScript } from '../src/upload/receive-script.ts';
import { WorkspaceBase } from '../src/upload/workspace-base.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-expected-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('a small push is one command, also the first of a file after the first push', async () => {
  const project = join(directory, 'project');
  await mkdir(project);
  await writeFile(join(project, 'one'), '1\n');
  const engine = createLocalEngine({ stateDirectory: join(directory, 'state') });
  try {
    const environment = await engine.startEnvironment({ sessionId: 'expected' });
    const workspace = createUploadWorkspace({ engine, path: project, toBasePath: () => join(directory, 'base') });
    await workspace.push(environment);
    let commands = 0;
    const exec = engine.exec.bind(engine);
    engine.exec = (...call) => {
      commands += 1;
      return exec(...call);
    };
    for (const round of [2, 3]) {
      await writeFile(join(project, 'one'), `${round}\n`);
      await writeFile(join(project, `new ${round}`), '');
      expect(await workspace.push(environment)).toMatchObject({ changed: 2, conflicts: [] });
    }
    expect(commands).toBe(2);
    await exec(environment.id, ['sh', '-c', 'echo theirs >one; echo theirs >other']);
    for (const name of ['one', 'other']) await writeFile(join(project, name), 'ours\n');
    expect(await workspace.push(environment)).toMatchObject({ changed: 0, conflicts: ['one', 'other'] });
    expect((await exec(environment.id, ['cat', 'one', 'other'])).stdout).toBe('theirs\ntheirs\n');
  } finally {
    for (const { id } of await engine.listEnvironments()) await engine.stopEnvironment(id);
    await engine.close();
  }
});

const shells = [['dash'], ['bash', '--posix'], ['busybox', 'ash']].filter(
  ([program = '', ...parameters]) => spawnSync(program, [...parameters, '-c', ':']).status === 0,
);

/** What is done to `file`, after which it is as it was or not. */
const cases: readonly (readonly [string, (path: string) => Promise<unknown>, boolean])[] = [
  ['untouched', async () => {}, true],
  ['written with as many bytes', (path) => writeFile(path, 'LATER!'), false],
  ['removed', (path) => rm(path), false],
  ['made a directory', (path) => rm(path).then(() => mkdir(path)), false],
  ['made a link', (path) => rm(path).then(() => symlink('elsewhere', path)), false],
];

for (const [shell = '', ...parameters] of shells)
  for (const kind of ['exact', 'until', 'missing'])
    test(`under ${shell}, a file that is expected to be ${kind}`, async () => {
      for (const [what, change, isAsBefore] of cases) {
        const workspace = join(directory, what);
        const path = join(workspace, 'a file');
        await mkdir(workspace);
        await writeFile(path, 'BEFORE');
        const words = expectedOf(kind, path);
        execFileSync('sh', ['-c', 'sleep 0.02']);
        await change(path);
        const parameterWords = [...parameters, '-c', receiveScript, 'recac', workspace, 'id', 'each', '-', ...words];
        const { status } = spawnSync(shell, parameterWords, { input: await archiveOf() });
        const isMissing = what === 'removed';
        expect([what, status]).toEqual([
          what,
          (kind === 'missing' ? isMissing : isAsBefore) ? 0 : receiveExit.otherwise,
        ]);
        if (status === 0) expect(await readFile(path, 'utf8')).toBe('PUSHED');
        expect((await readdir(workspace)).filter((name) => name !== 'a file')).toEqual([]);
      }
    });

function expectedOf(kind: string, path: string): readonly string[] {
  const base = new WorkspaceBase();
  const entry = scanPath(path);
  if (entry === undefined) throw new Error('there is no file');
  if (kind !== 'missing') base.environment.set('a file', kind === 'exact' ? entry : untilChange(entry, entry));
  const changed = new Manifest(base.table);
  changed.set('a file', entry);
  return (toExpectedPaths(base, { changed, removed: new Manifest(base.table) }) ?? []).map(String);
}

async function archiveOf(): Promise<Buffer> {
  const source = join(directory, 'source');
  await mkdir(join(source, changeNames.content), { recursive: true });
  await writeFile(join(source, changeNames.content, 'a file'), 'PUSHED');
  for (const name of [changeNames.removedFiles, changeNames.removedDirectories, changeNames.sent, changeNames.end])
    await writeFile(join(source, name), '');
  return execFileSync('tar', ['-cf', '-', '-C', source, '.']);
}
