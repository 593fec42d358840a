import { isAbsolute, normalize } from 'node:path';
import { invalidArgument, RecacError, type WorkspaceMount } from '@recac/engine-core';

const localNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Refuses a bind mount that cannot be what the caller means: a relative path, a whole file system, the daemon's own socket, or a directory of this machine
 * under a daemon on another one. The directory itself is the daemon's to check.
 */
export function checkWorkspace(workspace: WorkspaceMount | undefined, daemonHost: string): void {
  if (workspace?.type !== 'bind') return;
  const { hostPath } = workspace;
  if (!isAbsolute(hostPath) && !/^[A-Za-z]:[\\/]/.test(hostPath))
    throw invalidArgument('workspace.hostPath', 'must be an absolute path', 'Resolve it first.');
  if (normalize(hostPath) === '/')
    throw invalidArgument('workspace.hostPath', 'must not be the whole file system', 'Name a project directory.');
  const url = new URL(daemonHost);
  if (url.protocol === 'unix:' && isAbove(hostPath, decodeURIComponent(url.pathname)))
    throw invalidArgument(
      'workspace.hostPath',
      "must not hold the daemon's socket: whoever reaches it is root on the machine",
      'Name a project directory.',
    );
  if (url.protocol === 'unix:' || url.protocol === 'npipe:' || localNames.has(url.hostname)) return;
  throw new RecacError(
    'RECAC_WORKSPACE_UNAVAILABLE',
    `the workspace ${hostPath} is on this machine and the daemon at ${daemonHost} on another. Use another workspace strategy, such as --sync none.`,
    { details: { path: hostPath, host: daemonHost } },
  );
}

function isAbove(directory: string, path: string): boolean {
  const prefix = normalize(`${directory}/`);
  return normalize(path).startsWith(prefix);
}
