import type {
  CallOptions,
  ContainerEngine,
  Environment,
  EnvironmentStatus,
  WorkspaceStrategy,
} from '@recac/engine-core';
import {
  defaultStateDirectory,
  loadRecord,
  selectWorkspaceStrategy,
  toBasePath,
  type WorkspaceChoice,
  type WorkspaceRecord,
} from '@recac/workspace-sync';
import { findSession } from './find-session.ts';
import { withoutUndefined } from './without-undefined.ts';

/** The workspace of a session that any process of this machine opened. */
export interface SessionWorkspace {
  /** The living environment. */
  readonly environment: EnvironmentStatus;
  /** How its files go in and come back. */
  readonly strategy: WorkspaceStrategy;
  /** What this machine remembers. */
  readonly record: WorkspaceRecord;
}

/** Options of {@link findWorkspace}. */
export interface FindWorkspaceOptions extends CallOptions {
  /** Directory of what this machine remembers of sessions. Default: that of `openSession`. */
  readonly stateDirectory?: string;
  /** Most bytes that a push by upload sends. Default: 1 GiB. */
  readonly uploadLimitBytes?: number;
  /** Asked before a push of more than that. Default: it is refused, with `RECAC_WORKSPACE_UNAVAILABLE`. */
  readonly confirmUpload?: WorkspaceChoice['confirmUpload'];
}

/**
 * The workspace of a living session. Undefined when this machine has no record of it: another machine opened it. Errors: `RECAC_ENVIRONMENT_NOT_FOUND`,
 * `RECAC_WORKSPACE_UNAVAILABLE`.
 */
export async function findWorkspace(
  engine: ContainerEngine,
  name: string,
  options: FindWorkspaceOptions = {},
): Promise<SessionWorkspace | undefined> {
  const { stateDirectory = defaultStateDirectory(), uploadLimitBytes, confirmUpload, ...call } = options;
  const environment = await findSession(engine, name, call);
  const record = await loadRecord(stateDirectory, environment);
  if (record === undefined) return undefined;
  const { strategy, path, include, exclude, history, isCloned } = record;
  const choice = withoutUndefined({
    strategy,
    path,
    include,
    exclude,
    history,
    isCloned,
    uploadLimitBytes,
    confirmUpload,
    stateDirectory,
    toBasePath: (of: Environment) => toBasePath(stateDirectory, of),
  });
  // Only files that went in by these two have a way back.
  const isCarried = strategy === 'git' || strategy === 'upload';
  const chosen = await selectWorkspaceStrategy(isCarried ? choice : { ...choice, strategy: 'none' }, engine);
  return { environment, strategy: chosen.strategy, record };
}
