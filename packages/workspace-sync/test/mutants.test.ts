import { mkdtempSync, rmSync } from 'node:fs';
import { chmod, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  runWorkspaceCase,
  type WorkspaceConformanceOptions,
  type WorkspacePlace,
  type WorkspaceUnderTest,
  workspaceCases,
} from '@recac/engine-conformance';
import type { WorkspaceStrategy } from '@recac/engine-core';
import { createLocalEngine } from '@recac/engine-local';
import { afterAll, describe, expect, test } from 'vitest';
import { createGit, createUpload } from './workspaces-under-test.ts';

const stateDirectory = mkdtempSync(join(tmpdir(), 'recac-workspace-mutants-'));
afterAll(() => rmSync(stateDirectory, { recursive: true, force: true }));

type Patch = (
  real: WorkspaceUnderTest,
  place: WorkspacePlace,
) => Omit<Partial<WorkspaceUnderTest>, 'strategy'> & { readonly strategy?: Partial<WorkspaceStrategy> };

/** A fault, and the case that must find it. */
interface Mutant {
  readonly fault: string;
  readonly fails: string;
  readonly patch: Patch;
}

const mutants: readonly Mutant[] = [
  {
    fault: 'a push leaves out what has a strange name',
    fails: 'workspace/files-go-in',
    patch: ({ strategy }, { engine }) => ({
      strategy: {
        push: async (environment, options) => {
          const report = await strategy.push(environment, options);
          await engine.exec(environment.id, ['sh', '-c', 'rm -f ./-dash']);
          return report;
        },
      },
    }),
  },
  {
    fault: 'a push forgets modes',
    fails: 'workspace/kinds-go-in',
    patch: ({ strategy }, { engine }) => ({
      strategy: {
        push: async (environment, options) => {
          const report = await strategy.push(environment, options);
          await engine.exec(environment.id, ['chmod', '644', 'source/program']);
          return report;
        },
      },
    }),
  },
  {
    fault: 'what was removed there stays here',
    fails: 'workspace/work-comes-back',
    patch: ({ bringBack }, { directory }) => ({
      bringBack: async (environment) => {
        const before = await readFile(join(directory, 'doomed')).catch(() => undefined);
        const conflicts = await bringBack(environment);
        if (before !== undefined) await writeFile(join(directory, 'doomed'), before);
        return conflicts;
      },
    }),
  },
  {
    fault: 'modes do not come back',
    fails: 'workspace/modes-come-back',
    patch: ({ bringBack }, { directory }) => ({
      bringBack: async (environment) => {
        const conflicts = await bringBack(environment);
        await chmod(join(directory, 'text'), 0o644).catch(() => undefined);
        return conflicts;
      },
    }),
  },
  {
    fault: 'a file that changed on both sides is overwritten here',
    fails: 'workspace/pull-conflict',
    patch: ({ bringBack }, { engine, directory }) => ({
      bringBack: async (environment) => {
        const theirs = await engine.exec(environment.id, ['cat', 'same in both']);
        const conflicts = await bringBack(environment);
        await writeFile(join(directory, 'same in both'), theirs.stdoutData);
        return conflicts;
      },
    }),
  },
  {
    fault: 'a conflict is not named',
    fails: 'workspace/removed-there-changed-here',
    patch: ({ bringBack }) => ({ bringBack: async (environment) => bringBack(environment).then(() => []) }),
  },
  {
    fault: 'a push overwrites the work of the environment',
    fails: 'workspace/push-conflict',
    patch: ({ strategy }, { engine, directory }) => ({
      strategy: {
        push: async (environment, options) => {
          const report = await strategy.push(environment, options);
          const ours = await readFile(join(directory, 'same in both'));
          await engine.exec(environment.id, ['sh', '-c', "cat >'same in both'"], { stdin: ours });
          return report;
        },
      },
    }),
  },
  {
    fault: 'everything is sent each time',
    fails: 'workspace/push-sends-the-difference',
    patch: ({ strategy }) => ({
      strategy: {
        push: async (environment, options) => ({ ...(await strategy.push(environment, options)), bytes: 1_000_000 }),
      },
    }),
  },
  {
    fault: 'a push without a change says that it moved something',
    fails: 'workspace/push-nothing',
    patch: ({ strategy }) => ({
      strategy: {
        push: async (environment, options) => ({ ...(await strategy.push(environment, options)), changed: 1 }),
      },
    }),
  },
  {
    fault: 'links that lead out are made',
    fails: 'workspace/nothing-outside',
    patch: ({ bringBack }, { directory }) => ({
      bringBack: async (environment) => {
        const conflicts = await bringBack(environment);
        await symlink('/etc', join(directory, 'out')).catch(() => undefined);
        return conflicts;
      },
    }),
  },
  {
    fault: 'what is ignored comes back',
    fails: 'workspace/ignored-stay',
    patch: ({ bringBack }, { directory }) => ({
      bringBack: async (environment) => {
        const conflicts = await bringBack(environment);
        await writeFile(join(directory, 'secret'), 'there\n');
        return conflicts;
      },
    }),
  },
  {
    fault: 'another process begins anew',
    fails: 'workspace/other-process',
    patch: (real, { stateDirectory: state }) => ({
      strategy: {
        prepare: async (options) => {
          for (const name of await readdir(state)) await rm(join(state, name), { recursive: true });
          return real.strategy.prepare(options);
        },
        push: async (environment, options) => {
          const report = await real.strategy.push(environment, options);
          for (const name of await readdir(state)) await rm(join(state, name), { recursive: true });
          return report;
        },
      },
    }),
  },
  {
    fault: 'a harvest counts nothing',
    fails: 'workspace/harvest',
    patch: ({ strategy }) => ({
      strategy: {
        harvest: async (environment, options) => {
          const { changedFiles: _, ...report } = await strategy.harvest(environment, options);
          return report;
        },
      },
    }),
  },
  {
    fault: 'a signal is not looked at',
    fails: 'workspace/cancelled',
    patch: ({ strategy }) => ({ strategy: { push: (environment) => strategy.push(environment) } }),
  },
  {
    fault: 'an environment that is gone is as good as one without a change',
    fails: 'workspace/environment-gone',
    patch: ({ strategy }) => ({
      strategy: {
        pull: (environment, options) =>
          strategy
            .pull(environment, options)
            .catch(() => ({ changed: 0, removed: 0, bytes: 0, conflicts: [], skipped: [] })),
      },
    }),
  },
];

type CreateWorkspace = WorkspaceConformanceOptions['createWorkspace'];

function mutate({ patch }: Mutant, create: CreateWorkspace): CreateWorkspace {
  return async (place) => {
    const real = await create(place);
    const { strategy, ...others } = patch(real, place);
    const methods = Object.fromEntries(
      (['prepare', 'push', 'pull', 'harvest', 'dispose'] as const).map((name) => [
        name,
        strategy?.[name] ?? real.strategy[name].bind(real.strategy),
      ]),
    ) as unknown as WorkspaceStrategy;
    return { ...real, ...others, strategy: { ...methods, name: real.strategy.name } };
  };
}

describe.each([
  ['upload', createUpload],
  ['git', createGit],
])('the suite for workspaces finds with %s', (name, create) => {
  for (const mutant of mutants) {
    // git keeps what both sides had in common in the repository.
    if (name === 'git' && mutant.fails === 'workspace/other-process') continue;
    test(`${mutant.fault}: ${mutant.fails}`, async () => {
      const found = workspaceCases.find(({ id }) => id === mutant.fails);
      if (found === undefined) throw new Error(`there is no case ${mutant.fails}`);
      const options: WorkspaceConformanceOptions = {
        describe,
        test,
        createEngine: () => createLocalEngine({ stateDirectory }),
        createWorkspace: mutate(mutant, create),
      };
      await expect(runWorkspaceCase(found, options)).rejects.toThrow();
    });
  }
});
