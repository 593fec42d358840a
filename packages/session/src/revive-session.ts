import {
  type CallOptions,
  type ContainerEngine,
  type Environment,
  type EnvironmentSpec,
  RecacError,
} from '@recac/engine-core';
import { loadRecord, removeRecord, saveRecord, type WorkspaceRecord } from '@recac/workspace-sync';
import { withoutUndefined } from './without-undefined.ts';

/** A revived environment is there to be read: whoever revives it and dies leaves it to its lease, which keeps the workspace once more. */
const leaseMs = 600_000;

/** An environment over what an earlier one left. */
export interface RevivedSession {
  /** The environment. */
  readonly environment: Environment;
  /** This machine knows where its work belongs. */
  readonly isKnown: boolean;
}

/**
 * Starts an environment again over the workspace of one that ended otherwise than by a stop: from a kept workspace, or the claim that the record names. Undefined when there
 * is none. Errors: those of `startEnvironment`, such as `RECAC_ENVIRONMENT_CONFLICT` while the session runs.
 */
export async function reviveSession(
  engine: ContainerEngine,
  name: string,
  { stateDirectory, ...call }: CallOptions & { readonly stateDirectory: string },
): Promise<RevivedSession | undefined> {
  const record = await loadRecord(stateDirectory, { backend: engine.backend, sessionId: name });
  const source = (await findKept(engine, name, call)) ?? fromRecord(record);
  if (source === undefined) return undefined;
  const environment = await engine.startEnvironment({ sessionId: name, leaseMs, ...source }, call);
  const keptId = source.workspace?.type === 'kept' ? { keptId: source.workspace.id } : {};
  if (record !== undefined) await saveRecord(stateDirectory, { ...record, environmentId: environment.id, ...keptId });
  return { environment, isKnown: record !== undefined };
}

/** Removes an environment whose work is safe, or given up, and what was kept for it, and forgets it. Errors: those of `stopEnvironment`. */
export async function removeSession(
  engine: ContainerEngine,
  environment: Environment,
  { stateDirectory, ...call }: CallOptions & { readonly stateDirectory: string },
): Promise<void> {
  const record = await loadRecord(stateDirectory, environment);
  await engine.stopEnvironment(environment.id, call);
  if (record?.keptId !== undefined) await engine.removeKeptWorkspace(record.keptId, call);
  await removeRecord(stateDirectory, environment);
}

type Source = Pick<EnvironmentSpec, 'image' | 'user' | 'workspace'>;

async function findKept(engine: ContainerEngine, name: string, call: CallOptions): Promise<Source | undefined> {
  if (!engine.capabilities.keptWorkspaces) return undefined;
  const kept = (await engine.listKeptWorkspaces(call)).findLast(({ sessionId }) => sessionId === name);
  if (kept === undefined) return undefined;
  const { id, image, user } = kept;
  return withoutUndefined({ image, user, workspace: { type: 'kept' as const, id } });
}

function fromRecord(record: WorkspaceRecord | undefined): Source | undefined {
  if (record?.mount === undefined) return undefined;
  const { image, user, mount } = record;
  return withoutUndefined({ image, user, workspace: mount });
}

/** What to say of a session whose environment and workspace are both gone. */
export function nothingKept(name: string): RecacError {
  const message = `nothing of a session ${name} is kept. See recac rescue for what is.`;
  return new RecacError('RECAC_ENVIRONMENT_NOT_FOUND', message, { details: { sessionId: name } });
}
