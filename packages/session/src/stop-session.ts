import { type ContainerEngine, type Environment, type HarvestReport, RecacError } from '@recac/engine-core';
import { defaultStateDirectory } from '@recac/workspace-sync';
import { findSession } from './find-session.ts';
import { type FindWorkspaceOptions, findWorkspace } from './find-workspace.ts';
import { harvestSession } from './harvest-session.ts';
import { removeSession } from './revive-session.ts';
import type { StopSessionOptions } from './session.ts';
import { carriesFiles, isCarried } from './workspace-label.ts';

/** How a session was stopped. */
export interface StoppedSession {
  /** False when none has that name. */
  readonly stopped: boolean;
  /** What became of its work, where this machine knows where that belongs. */
  readonly report?: HarvestReport;
}

/**
 * Stops a session by name from any process, and first brings its work back as `Session.stop` does. Errors: those of the workspace strategy, and then the environment
 * stays, unless `discard` is given; `RECAC_WORKSPACE_UNAVAILABLE` when this machine does not know where it belongs, and files were carried in; those of `stopEnvironment`.
 */
export async function stopSession(
  engine: ContainerEngine,
  name: string,
  { discard = false, ...options }: StopSessionOptions & FindWorkspaceOptions = {},
): Promise<StoppedSession> {
  const { stateDirectory = defaultStateDirectory(), ...call } = options;
  const environment = await findSession(engine, name, call).catch((error: unknown) => {
    if (RecacError.isInstance(error) && error.code === 'RECAC_ENVIRONMENT_NOT_FOUND') return undefined;
    throw error;
  });
  if (environment === undefined) return { stopped: false };
  const workspace = discard ? undefined : await findWorkspace(engine, name, options);
  if (!discard && workspace === undefined && isCarried(environment.labels)) throw unknownWork(environment);
  const report =
    workspace !== undefined && carriesFiles(workspace.record.strategy)
      ? await harvestSession(engine, workspace.strategy, environment, { ...call, stateDirectory })
      : undefined;
  await removeSession(engine, environment, { ...call, stateDirectory });
  return { stopped: true, ...(report === undefined ? {} : { report }) };
}

/** Nothing is removed whose work nobody here could bring back. Programs that use an engine without a session set no label, and have no such work. */
function unknownWork({ sessionId }: Environment): RecacError {
  const message = `the work of ${sessionId} was not brought back, so its environment stays: this machine does not know where it belongs. Stop it where it was started, as the same user; or recac cp ${sessionId}:. DIR copies the files, recac stop --discard ${sessionId} gives them up.`;
  return new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, {
    details: { sessionId, harvested: false, elsewhere: true },
  });
}
