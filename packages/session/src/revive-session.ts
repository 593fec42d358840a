import { type CallOptions, type ContainerEngine, type Environment, RecacError } from '@recac/engine-core';
import { loadRecord, moveRecord, removeRecord, toRecordAddress } from '@recac/workspace-sync';
import { findLeft } from './find-left.ts';

/** A revived environment is there to be read: whoever revives it and dies leaves it to its lease, which keeps the workspace once more. */
const leaseMs = 600_000;

/** An environment over what an earlier one left. */
export interface RevivedSession {
  /** The environment. */
  readonly environment: Environment;
  /** This machine knows where its work belongs. */
  readonly isKnown: boolean;
}

/** Options of {@link reviveSession}. */
export interface ReviveSessionOptions extends CallOptions {
  /** Directory of what this machine remembers of sessions. */
  readonly stateDirectory: string;
  /** The environment that has ended. Default: the last one of the name that left something. */
  readonly ended?: Environment;
}

/**
 * Starts an environment again over the workspace of one that ended otherwise than by a stop: from a kept workspace, or the claim that the record names. Undefined when there
 * is none. Errors: those of `startEnvironment`, such as `RECAC_ENVIRONMENT_CONFLICT` while the session runs.
 */
export async function reviveSession(
  engine: ContainerEngine,
  name: string,
  { stateDirectory, ended, ...call }: ReviveSessionOptions,
): Promise<RevivedSession | undefined> {
  const left = await findLeft(engine, name, { stateDirectory, ended, ...call });
  if (left === undefined) return undefined;
  const { source, record } = left;
  const environment = await engine.startEnvironment({ sessionId: name, leaseMs, ...source }, call);
  const keptId = source.workspace.type === 'kept' ? { keptId: source.workspace.id } : {};
  if (record !== undefined) {
    const { id: environmentId, createdAt } = environment;
    const moved = { ...record, environmentId, environmentCreatedAt: createdAt.toISOString(), ...keptId };
    await moveRecord(stateDirectory, toRecordAddress(record), moved);
  }
  return { environment, isKnown: record !== undefined };
}

/** Removes an environment whose work is safe, or given up, and what was kept for it, and forgets it. Errors: those of `stopEnvironment`. */
export async function removeSession(
  engine: ContainerEngine,
  environment: Environment,
  { stateDirectory, ...call }: CallOptions & { readonly stateDirectory: string },
): Promise<void> {
  const keptId = await findKeptId(stateDirectory, environment);
  await engine.stopEnvironment(environment.id, call);
  if (keptId !== undefined) await engine.removeKeptWorkspace(keptId, call);
  await removeRecord(stateDirectory, environment);
}

/** A record that is damaged must not keep what is given up. */
async function findKeptId(stateDirectory: string, environment: Environment): Promise<string | undefined> {
  try {
    return (await loadRecord(stateDirectory, environment))?.keptId;
  } catch (error) {
    if (RecacError.isInstance(error) && error.code === 'RECAC_WORKSPACE_UNAVAILABLE')
      return environment.keptWorkspaceId;
    throw error;
  }
}

/** What to say of a session whose environment and workspace are both gone. */
export function nothingKept(name: string): RecacError {
  const message = `nothing of a session ${name} is kept. See recac rescue for what is.`;
  return new RecacError('RECAC_ENVIRONMENT_NOT_FOUND', message, { details: { sessionId: name } });
}
