import { stat } from 'node:fs/promises';
import type { WorkspaceMount } from '@recac/engine-core';
import type { JobFacts } from '../job/job-settings.ts';

/**
 * Who owns a directory of the node that is the workspace, looked up under the same path on this machine, which is the node's where that has a meaning; empty for other
 * workspaces, and where there is no such directory here.
 */
export async function readWorkspaceOwner(
  workspace: WorkspaceMount | undefined,
): Promise<Pick<JobFacts, 'workspaceOwner'>> {
  if (workspace?.type !== 'bind') return {};
  const found = await stat(workspace.hostPath).catch(() => undefined);
  return found === undefined ? {} : { workspaceOwner: { uid: found.uid, gid: found.gid } };
}
