import { resolve } from 'node:path';
import type { HarvestReport, WorkspaceMount, WorkspaceStrategy } from '@recac/engine-core';
import { nothingMoved } from './nothing-moved.ts';
import { resolveDirectory } from './resolve-directory.ts';

/**
 * The strategy `bind`: the environment works in the host's own directory, so there is nothing to push, pull or bring back.
 *
 * @param path the directory; relative paths count from the working directory of the process. `/` and the home directory (or what
 * holds it) are refused. Links are resolved when it is prepared.
 */
export function createBindWorkspace(path: string): WorkspaceStrategy {
  return {
    name: 'bind',
    prepare: async () => ({ type: 'bind', hostPath: await resolveDirectory(path) }) satisfies WorkspaceMount,
    push: async () => nothingMoved,
    pull: async () => nothingMoved,
    harvest: async (): Promise<HarvestReport> => ({ summary: `the work is in ${resolve(path)}` }),
    dispose: async () => {},
  };
}
