import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { invalidArgument, RecacError, unsupportedCapability, type WorkspaceMount } from '@recac/engine-core';

/**
 * Refuses a workspace that the machine does not have, or that child processes cannot be held to. Errors: `RECAC_INVALID_ARGUMENT`, `RECAC_WORKSPACE_UNAVAILABLE`,
 * `RECAC_CAPABILITY_UNSUPPORTED`.
 */
export async function checkWorkspace(workspace: WorkspaceMount | undefined): Promise<void> {
  if (workspace?.type === 'scratch' && workspace.sizeLimitBytes !== undefined)
    throw unsupportedCapability('local', 'workspace.sizeLimitBytes', 'Leave it out, or use an engine of containers.');
  if (workspace?.type !== 'bind') return;
  if (workspace.readOnly)
    throw unsupportedCapability('local', 'workspace.readOnly', 'Leave it out, or use an engine of containers.');
  const { hostPath } = workspace;
  if (!isAbsolute(hostPath))
    throw invalidArgument('workspace.hostPath', 'must be an absolute path', 'Resolve it first.');
  const found = await stat(hostPath).catch(() => undefined);
  if (!found) throw unavailable(hostPath, 'does not exist. Create it first');
  if (!found.isDirectory()) throw unavailable(hostPath, 'is not a directory. Name a directory');
  await access(hostPath, constants.R_OK | constants.X_OK).catch((cause: unknown) => {
    throw unavailable(hostPath, 'cannot be read. Change its mode', cause);
  });
}

function unavailable(path: string, problem: string, cause?: unknown): RecacError {
  return new RecacError('RECAC_WORKSPACE_UNAVAILABLE', `the workspace ${path} ${problem}.`, {
    cause,
    details: { path },
  });
}
