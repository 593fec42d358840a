import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerEngine, Environment, WorkspaceStrategy } from '@recac/engine-core';
import { createLocalEngine } from '@recac/engine-local';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createUploadWorkspace } from '../src/index.ts';
import { stagePrefix } from '../src/stage-prefix.ts';
import { changeNames, receiveExit, receiveScript } from '../src/upload/receive-script.ts';

let directory: string;
let project: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-in-the-way-'));
  project = join(directory, 'project');
  await mkdir(project);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('what the session has where something else comes', () => {
  let engine: ContainerEngine;
  let environment: Environment;
  let workspace: WorkspaceStrategy;
  beforeEach(async () => {
    engine = createLocalEngine({ stateDirectory: join(directory, 'state') });
    environment = await engine.startEnvironment({ sessionId: 'way' });
    workspace = createUploadWorkspace({ engine, path: project, toBasePath: () => join(directory, 'base') });
    await mkdir(join(project, 'lib'));
    await writeFile(join(project, '.recacignore'), '*.log\n');
    for (const name of ['lib/a', 'lib/b', 'text']) await writeFile(join(project, name), '1\n');
    await workspace.push(environment);
  });
  afterEach(async () => {
    await engine.stopEnvironment(environment.id);
    await engine.close();
  });

  const inside = async (script: string): Promise<string> =>
    (await engine.exec(environment.id, ['sh', '-c', script])).stdout;
  const change = (script: string): unknown => execFileSync('sh', ['-c', script], { cwd: project });

  /** Small changes go by one command, large ones after a question. */
  const sizes: readonly (readonly [string, string])[] = [
    ['small', ''],
    ['large', 'for n in 1 2 3 4 5 6 7 8 9; do echo 2 >"more $n"; done'],
  ];

  describe.each(sizes)('with a %s change', (_, more) => {
    test.each([
      ['is ignored', 'echo kept >lib/build.log', 'rm -r lib; ln -s text lib', ['lib']],
      ['is new', 'echo kept >lib/new', 'rm -r lib; echo mine >lib', ['lib']],
      ['is an empty directory', 'mkdir lib/made', 'rm -r lib; echo mine >lib', ['lib']],
      [
        'is a link to a directory',
        'mkdir other.log; ln -s other.log added',
        'mkdir added; echo 2 >added/x',
        ['added', 'added/x'],
      ],
      [
        'is a file above what is new',
        'echo kept >added',
        'mkdir -p added/deep; echo 2 >added/deep/x',
        ['added', 'added/deep', 'added/deep/x'],
      ],
      ['is a file in place of a directory', 'rm -r lib; echo kept >lib', 'echo 2 >lib/c', ['lib/c']],
    ] as const)('and %s stays, and the rest arrives', async (_what, there, here, conflicts) => {
      await inside(there);
      const state = 'ls -lR --time-style=full-iso lib added 2>&1';
      const before = await inside(state);
      change(`${here}; echo 2 >text; ${more}`);
      for (const _round of [1, 2]) {
        const report = await workspace.push(environment);
        expect(report.conflicts.toSorted()).toEqual(conflicts);
        expect([await inside('cat text'), await inside(state)]).toEqual(['2\n', before]);
      }
      expect(await inside('ls -d "more 9" 2>/dev/null')).toBe(more === '' ? '' : 'more 9\n');
      await workspace.harvest(environment);
      expect(await readFile(join(project, 'text'), 'utf8')).toBe('2\n');
    });

    test('and nothing of its own is replaced', async () => {
      await mkdir(join(project, 'was'));
      await writeFile(join(project, 'was/new\nline'), '1\n');
      await symlink('text', join(project, 'link'));
      await workspace.push(environment);
      change(
        `rm -r lib was; ln -s text lib; echo 2 >was; rm text link; mkdir -p text/deep link; echo 2 >text/deep/x; echo 2 >link/x; ${more}`,
      );
      expect(await workspace.push(environment)).toMatchObject({ conflicts: [] });
      expect(await inside('readlink lib; cat was text/deep/x link/x')).toBe('text\n2\n2\n2\n');
      expect(await workspace.push(environment)).toMatchObject({ changed: 0, removed: 0, conflicts: [] });
    });
  });
});

const shells = [['dash'], ['bash', '--posix'], ['busybox', 'ash']].filter(
  ([program = '', ...parameters]) => spawnSync(program, [...parameters, '-c', ':']).status === 0,
);

describe.each(shells)('under %s', (shell, ...parameters) => {
  test.each(['own', 'none'])('a directory that holds %s is looked at before anything is changed', async (others) => {
    const [source, there] = [join(directory, 'source'), join(directory, 'there')];
    for (const path of [join(source, changeNames.content), join(there, 'lib/deep')])
      await mkdir(path, { recursive: true });
    await writeFile(join(source, changeNames.content, 'lib'), 'new');
    await writeFile(join(source, changeNames.content, 'text'), 'new');
    const files = ['lib/a', 'lib/[b]', 'lib/deep/new\nline', 'gone'];
    for (const name of files) await writeFile(join(there, name), '');
    if (others === 'own') await writeFile(join(there, 'lib/deep/own\nline'), '');
    const lists = {
      [changeNames.removedFiles]: files,
      [changeNames.removedDirectories]: ['lib/deep', 'lib'],
      [changeNames.sent]: ['lib'],
      [changeNames.end]: [],
    };
    for (const [name, paths] of Object.entries(lists))
      await writeFile(join(source, name), paths.map((path) => `./${path}\0`).join(''));
    const input = execFileSync('tar', ['-cf', '-', '-C', source, '.']);
    const words = [
      ...parameters.filter((word) => word !== undefined),
      '-c',
      receiveScript,
      'recac',
      there,
      'id',
      'each',
      '-',
    ];
    const { status, stdout } = spawnSync(shell ?? '', words, { input, encoding: 'utf8' });
    expect([status, stdout]).toEqual([
      others === 'own' ? receiveExit.inTheWay : 0,
      expect.stringMatching(others === 'own' ? /^4[0-9a-f]{3} .* \.\/lib\n$/ : /^81a4 3 .* \.\/lib\n$/),
    ]);
    const left = (await readdir(there)).filter((name) => !name.startsWith(stagePrefix));
    expect(left.toSorted()).toEqual(others === 'own' ? ['gone', 'lib'] : ['lib', 'text']);
  });
});
