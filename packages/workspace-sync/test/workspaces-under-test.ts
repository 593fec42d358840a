import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkspaceConformanceOptions } from '@recac/engine-conformance';
import {
  applyWork,
  createBindWorkspace,
  createGitWorkspace,
  createUploadWorkspace,
  findRepository,
  toSessionMount,
} from '../src/index.ts';

type CreateWorkspace = WorkspaceConformanceOptions['createWorkspace'];

export const createUpload: CreateWorkspace = ({ engine, directory, stateDirectory }) => {
  const strategy = createUploadWorkspace({
    engine,
    path: directory,
    toBasePath: ({ sessionId }) => join(stateDirectory, sessionId),
    ignoreFiles: ['.gitignore'],
  });
  return { strategy, bringBack: async (environment) => (await strategy.pull(environment)).conflicts };
};

export const createGit: CreateWorkspace = ({ engine, directory }) => {
  if (!existsSync(join(directory, '.git'))) execFileSync('git', ['init', '-q'], { cwd: directory });
  const strategy = createGitWorkspace({ engine, path: directory });
  return {
    strategy,
    bringBack: async (environment) => {
      await strategy.pull(environment);
      const repository = await findRepository(directory);
      if (repository === undefined) throw new Error('no repository');
      return (await applyWork(repository, environment.sessionId)).conflicts.map(({ path }) => path);
    },
  };
};

export const createBind: CreateWorkspace = ({ engine, directory }) => {
  const strategy = createBindWorkspace({ engine, path: directory });
  return { strategy, bringBack: async (environment) => (await strategy.pull(environment)).conflicts };
};

/** What the suite is run with on every backend that runs containers. */
export const containerWorkspaces: readonly ({ readonly name: string } & Pick<
  WorkspaceConformanceOptions,
  'createWorkspace' | 'image' | 'sharesDirectory'
>)[] = [
  { name: 'upload', createWorkspace: createUpload, image: 'recac-test/busybox:1' },
  { name: 'git', createWorkspace: createGit, image: 'recac-test/debian:1' },
  { name: 'bind', createWorkspace: createBind, image: 'recac-test/busybox:1', sharesDirectory: true },
];

/** The same strategy with its files on a claim: a directory of its own for each environment. */
export function withClaim(create: CreateWorkspace, claimName: string): CreateWorkspace {
  return async (place) => {
    const { strategy, bringBack } = await create(place);
    const prepare = async () => {
      await strategy.prepare();
      return toSessionMount({ type: 'persistentVolumeClaim', claimName }, `conformance ${randomUUID()}`);
    };
    const push: typeof strategy.push = (...args) => strategy.push(...args);
    const pull: typeof strategy.pull = (...args) => strategy.pull(...args);
    const harvest: typeof strategy.harvest = (...args) => strategy.harvest(...args);
    const dispose = () => strategy.dispose();
    return { strategy: { name: strategy.name, prepare, push, pull, harvest, dispose }, bringBack };
  };
}
