import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerEngine, Environment, EnvironmentSpec, WorkspaceStrategy } from '@recac/engine-core';
import { expect, test } from 'vitest';
import { createUploadWorkspace } from '../src/index.ts';

/** What the tests of trees with unusual shapes run on. */
export interface ShapesPlace {
  readonly createEngine: () => ContainerEngine;
  readonly image?: string;
}

interface Given {
  readonly project: string;
  readonly environment: Environment;
  readonly workspace: WorkspaceStrategy;
  /** The same, as another process would have it. */
  readonly createWorkspace: () => WorkspaceStrategy;
  readonly inside: (script: string) => Promise<string>;
}

/** Tests of trees that have unusual shapes, and of what happens while they are read. */
export function testShapes({ createEngine, image }: ShapesPlace): void {
  const withWorkspace = async (
    work: (given: Given) => Promise<void>,
    spec: Partial<EnvironmentSpec> = {},
  ): Promise<void> => {
    const directory = await mkdtemp(join(tmpdir(), 'recac-shapes-'));
    const project = join(directory, 'project');
    await mkdir(project);
    await using engine = createEngine();
    const environment = await engine.startEnvironment({
      sessionId: `shapes-${process.pid}-${Date.now()}`,
      ...(image === undefined ? {} : { image }),
      ...spec,
    });
    const createWorkspace = () =>
      createUploadWorkspace({ engine, path: project, toBasePath: () => join(directory, 'base') });
    const inside = async (script: string): Promise<string> => {
      const result = await engine.exec(environment.id, ['/bin/sh', '-c', script]);
      expect(result.exitCode, `${script}: ${result.stderr}`).toBe(0);
      return Buffer.from(result.stdoutData).toString('latin1');
    };
    try {
      await work({ project, environment, workspace: createWorkspace(), createWorkspace, inside });
    } finally {
      await engine.stopEnvironment(environment.id);
      await rm(directory, { recursive: true, force: true });
    }
  };

  test(
    '500 levels, with a path of 4 000 bytes, go in, come back, and are changed and removed on both sides',
    () =>
      withWorkspace(async ({ project, environment, workspace, inside }) => {
        const deep = `${'level-x/'.repeat(500).slice(0, 3_996)}`.replace(/\/$/, '');
        execFileSync('sh', ['-c', 'mkdir -p "$1" && echo 1 >"$1/end"', 'sh', deep], { cwd: project });
        await workspace.push(environment);
        expect(await inside(`cat '${deep}/end'`)).toBe('1\n');
        await inside(`echo 2 >'${deep}/end'; echo 3 >'${deep}/new'`);
        expect(await workspace.pull(environment)).toMatchObject({ changed: 2, conflicts: [] });
        expect(execFileSync('cat', [`${deep}/end`, `${deep}/new`], { cwd: project }).toString()).toBe('2\n3\n');
        execFileSync('sh', ['-c', 'echo 4 >"$1/end"', 'sh', deep], { cwd: project });
        expect(await workspace.push(environment)).toMatchObject({ changed: 1, conflicts: [] });
        expect(await inside(`cat '${deep}/end'`)).toBe('4\n');
        await inside('rm -r level-x');
        expect((await workspace.pull(environment)).removed).toBeGreaterThan(499);
        expect(readdirSync(project)).toEqual([]);
      }),
    180_000,
  );

  test(
    '100 000 files in one directory go in and come back',
    () =>
      withWorkspace(async ({ project, environment, workspace, inside }) => {
        mkdirSync(join(project, 'many'));
        for (let index = 0; index < 100_000; index += 1) writeFileSync(join(project, 'many', `file-${index}`), '');
        expect(await workspace.push(environment)).toMatchObject({ changed: 100_000 });
        expect(await inside('find many -type f | wc -l')).toMatch(/^ *100000\n$/);
        await inside('cd many; echo changed >file-77777; rm file-5; echo new >new');
        expect(await workspace.pull(environment)).toMatchObject({ changed: 2, removed: 1, conflicts: [] });
        expect(readFileSync(join(project, 'many/file-77777'), 'utf8')).toBe('changed\n');
        writeFileSync(join(project, 'many/file-6'), 'again');
        expect(await workspace.push(environment)).toMatchObject({ changed: 1 });
      }),
    300_000,
  );

  test(
    'names that differ only by case, are no text, or hold newlines, quotes and backslashes, go both ways',
    () =>
      withWorkspace(async ({ project, environment, workspace, createWorkspace, inside }) => {
        const names = [
          'case',
          'Case',
          'CASE',
          '\xff\xfe',
          'a\nb',
          'ends\n',
          '-n',
          '\\x',
          "'",
          '"',
          ' ',
          '*',
          '$(id)',
          '\xe9',
          '\xc3\xa9',
        ];
        const write = (name: string, content: string): void =>
          writeFileSync(Buffer.concat([Buffer.from(`${project}/`), Buffer.from(name, 'latin1')]), content);
        const read = (name: string): string =>
          readFileSync(Buffer.concat([Buffer.from(`${project}/`), Buffer.from(name, 'latin1')]), 'utf8');
        for (const [index, name] of names.entries()) write(name, `${index}`);
        await workspace.push(environment);
        expect(
          (await inside('for f in * ; do printf "%s=%s/" "$f" "$(cat -- "$f")"; done'))
            .split('/')
            .filter(Boolean)
            .toSorted(),
        ).toEqual(names.map((name, index) => `${name}=${index}`).toSorted());
        await inside('for f in *; do echo changed >>"./$f"; done; for f in *; do mv -- "$f" "./new-$f"; done');
        expect(await createWorkspace().pull(environment)).toMatchObject({
          changed: names.length,
          removed: names.length,
          conflicts: [],
        });
        for (const [index, name] of names.entries()) expect(read(`new-${name}`)).toBe(`${index}changed\n`);
        for (const name of names) write(`new-${name}`, 'here');
        expect(await workspace.push(environment)).toMatchObject({ changed: names.length, conflicts: [] });
        expect(await inside('cat new-*')).toBe('here'.repeat(names.length));
      }),
    120_000,
  );

  test(
    'a large file that shrinks while it is read is named, or goes in as it is, and the next push does the rest',
    () =>
      withWorkspace(async ({ project, environment, workspace, inside }) => {
        const path = join(project, 'shrinking');
        await writeFile(path, Buffer.alloc(64 * 1_048_576, 'x'));
        const pushing = workspace.push(environment).catch((error: unknown) => error);
        await truncate(path, 1_000);
        const first = await pushing;
        if (first instanceof Error)
          expect(first).toMatchObject({
            code: 'RECAC_WORKSPACE_CONFLICT',
            message: expect.stringContaining('shrinking'),
          });
        await workspace.push(environment);
        expect(await inside('cat shrinking | wc -c')).toMatch(/^ *1000\n$/);
        expect(await inside('ls -A')).toBe('shrinking\n');
      }),
    120_000,
  );

  test(
    'a file that grows and one that shrinks while they are fetched come as they are at some time, or are named',
    () =>
      withWorkspace(async ({ project, environment, workspace, inside }) => {
        await inside('head -c 50000000 /dev/zero >growing; head -c 50000000 /dev/zero >shrinking');
        const changing = inside(
          'for i in 1 2 3 4 5 6 7 8 9; do echo more >>growing; sleep 0.05; done; echo >shrinking',
        );
        await workspace.pull(environment).catch((error: unknown) => {
          expect(error).toHaveProperty('code', expect.stringMatching(/^RECAC_/));
        });
        await changing;
        await workspace.pull(environment);
        expect(readFileSync(join(project, 'growing')).length).toBe(50_000_000 + 9 * 5);
        expect(readFileSync(join(project, 'shrinking'), 'utf8')).toBe('\n');
        expect(readdirSync(project).toSorted()).toEqual(['growing', 'shrinking']);
      }),
    120_000,
  );

  test(
    'two clients that push and pull one workspace at once take turns: nothing is lost, and nothing is a conflict',
    () =>
      withWorkspace(async ({ project, environment, workspace, createWorkspace, inside }) => {
        for (let index = 0; index < 20; index += 1) writeFileSync(join(project, `here-${index}`), '0');
        await workspace.push(environment);
        const clients = [workspace, createWorkspace(), createWorkspace()];
        for (let round = 1; round <= 4; round += 1) {
          for (let index = 0; index < 20; index += 1) {
            const draft = join(project, `.recac-stage-draft-${index}`);
            writeFileSync(draft, `${round}`);
            renameSync(draft, join(project, `here-${index}`));
          }
          await inside(`i=0; while [ $i -lt 20 ]; do echo ${round} >there-$i; i=$((i+1)); done`);
          const reports = await Promise.all(
            clients.flatMap((client) => [client.push(environment), client.pull(environment)]),
          );
          expect(reports.flatMap(({ conflicts }) => conflicts)).toEqual([]);
          expect(reports.reduce((sum, { changed }) => sum + changed, 0)).toBe(40);
        }
        expect(await inside('cat here-*')).toBe('4'.repeat(20));
        for (let index = 0; index < 20; index += 1)
          expect(readFileSync(join(project, `there-${index}`), 'utf8')).toBe('4\n');
        expect(existsSync(join(project, 'here-0.recac'))).toBe(false);
        expect(readdirSync(project).filter((name) => name.includes('recac'))).toEqual([]);
      }),
    120_000,
  );
}
