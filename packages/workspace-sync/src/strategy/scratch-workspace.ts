import type { HarvestReport, WorkspaceStrategy } from '@recac/engine-core';
import { nothingMoved } from './nothing-moved.ts';

/** The strategy `none`: an empty directory that dies with the environment. Nothing goes in, nothing comes back. */
export function createScratchWorkspace(): WorkspaceStrategy {
  return {
    name: 'none',
    prepare: async () => ({ type: 'scratch' }),
    push: async () => nothingMoved,
    pull: async () => nothingMoved,
    harvest: async (): Promise<HarvestReport> => ({ summary: 'no workspace: nothing is kept' }),
    dispose: async () => {},
  };
}
