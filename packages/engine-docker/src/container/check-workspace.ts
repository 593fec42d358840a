import { stat } from 'node:fs/promises';
import { isAbsolute, normalize } from 'node:path';
import { invalidArgument, RecacError, type WorkspaceMount } from '@recac/engine-core';
import { isHere } from '../daemon/is-here.ts';
import { holdsSocket } from './holds-socket.ts';

/** What is known of the daemon. */
export interface WorkspaceDaemon {
  /** Its address. */
  readonly host: string;
  /** It is Podman, which makes a directory that is missing. */
  readonly podman?: boolean;
}

/**
 * Refuses a bind mount that cannot be what the caller means: a relative path, a whole file system, or a directory that holds a daemon's socket.
 * The path is one of the daemon's machine, and the directory the daemon's to check; for a Podman of this machine it is looked for here.
 */
export async function checkWorkspace(workspace: WorkspaceMount | undefined, daemon: WorkspaceDaemon): Promise<void> {
  if (workspace?.type === 'scratch' && workspace.outlives && workspace.sizeLimitBytes !== undefined)
    throw invalidArgument(
      'workspace.sizeLimitBytes',
      'cannot limit a workspace that outlives its container',
      'Leave one of both out.',
    );
  if (workspace?.type !== 'bind') return;
  const { hostPath } = workspace;
  if (!isAbsolute(hostPath) && !/^[A-Za-z]:[\\/]/.test(hostPath))
    throw invalidArgument('workspace.hostPath', 'must be an absolute path', 'Resolve it first.');
  if (normalize(hostPath) === '/')
    throw invalidArgument('workspace.hostPath', 'must not be the whole file system', 'Name a project directory.');
  const { host: daemonHost, podman = false } = daemon;
  if (await holdsSocket(hostPath, daemonHost))
    throw invalidArgument(
      'workspace.hostPath',
      "must not hold the daemon's socket: whoever reaches it is root on the machine",
      'Name a project directory.',
    );
  if (podman && isHere(daemonHost)) await mustExist(hostPath);
}

async function mustExist(path: string): Promise<void> {
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') return undefined;
    throw new RecacError(
      'RECAC_WORKSPACE_UNAVAILABLE',
      `the workspace ${path} does not exist. Create it, or use another workspace strategy.`,
      { cause: error, details: { path } },
    );
  });
  if (stats && !stats.isDirectory())
    throw invalidArgument('workspace.hostPath', 'is no directory', 'Name a project directory.');
}
