import { type HarvestReport, toEnvironmentName, type WorkspaceMount, type WorkspaceStrategy } from '@recac/engine-core';
import { nothingMoved } from './nothing-moved.ts';

/**
 * The strategy `pvc`: the environment works in a directory of a PersistentVolumeClaim, one for each session, which stays when the environment goes. A later
 * session of the same name finds it again.
 */
export function createClaimWorkspace(claimName: string): WorkspaceStrategy {
  return {
    name: 'pvc',
    prepare: async () => ({ type: 'persistentVolumeClaim', claimName }),
    push: async () => nothingMoved,
    pull: async () => nothingMoved,
    harvest: async ({ sessionId }): Promise<HarvestReport> => ({
      summary: `the work is in ${toSessionDirectory(sessionId)} of the PersistentVolumeClaim ${claimName}`,
    }),
    dispose: async () => {},
  };
}

/** The same mount, in the session's own directory where it is a claim: two sessions never share a tree by accident. */
export function toSessionMount(mount: WorkspaceMount, sessionName: string): WorkspaceMount {
  if (mount.type !== 'persistentVolumeClaim' || mount.subPath !== undefined) return mount;
  return { ...mount, subPath: toSessionDirectory(sessionName) };
}

function toSessionDirectory(sessionName: string): string {
  return `recac/${toEnvironmentName(sessionName)}`;
}
