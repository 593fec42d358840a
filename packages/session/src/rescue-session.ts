import { type CallOptions, type ContainerEngine, type HarvestReport, RecacError } from '@recac/engine-core';
import { defaultStateDirectory, listRecords, removeRecord, toRecordAddress } from '@recac/workspace-sync';
import { nothingKept, reviveSession } from './revive-session.ts';
import { stopSession } from './stop-session.ts';

/** How a session's work is rescued. */
export interface RescueSessionOptions extends CallOptions {
  /** Directory of what this machine remembers of sessions. Default: that of `openSession`. */
  readonly stateDirectory?: string;
  /** Gives the work up: deletes what is kept of it. Default: false. */
  readonly discard?: boolean;
}

/** What became of it. */
export interface RescuedSession {
  /** Where the work is now; missing when this machine does not know where it belongs: then the session runs again, to be copied from. */
  readonly report?: HarvestReport;
  /** What still holds files of work that was given up, for people: nothing of ours deletes from a claim. */
  readonly remains?: string;
}

/**
 * Brings back the work of a session whose environment ended by itself, from what is kept of it, and then removes that. Errors: `RECAC_ENVIRONMENT_NOT_FOUND` when nothing is
 * kept, those of the workspace strategy and of `startEnvironment`.
 */
export async function rescueSession(
  engine: ContainerEngine,
  name: string,
  { stateDirectory = defaultStateDirectory(), discard = false, ...call }: RescueSessionOptions = {},
): Promise<RescuedSession> {
  if (discard) {
    await discardKept(engine, name, call);
    return forget(engine, name, { ...call, stateDirectory });
  }
  const revived = await reviveSession(engine, name, { ...call, stateDirectory });
  if (revived === undefined) throw nothingKept(name);
  if (!revived.isKnown) return {};
  const { report } = await stopSession(engine, name, { ...call, stateDirectory });
  return report === undefined ? {} : { report };
}

/** Those of this engine; where its endpoint has got another address since, all of the name. */
async function forget(
  engine: ContainerEngine,
  name: string,
  { stateDirectory, ...call }: CallOptions & { readonly stateDirectory: string },
): Promise<RescuedSession> {
  const { endpoint } = await engine.init(call);
  const records = await listRecords(stateDirectory, { backend: engine.backend, sessionId: name });
  const here = records.filter((record) => record.endpoint === endpoint);
  const forgotten = here.length > 0 ? here : records;
  for (const record of forgotten) await removeRecord(stateDirectory, toRecordAddress(record));
  const mount = forgotten.map((record) => record.mount).find((one) => one?.type === 'persistentVolumeClaim');
  return mount === undefined
    ? {}
    : { remains: `${mount.subPath ?? '.'} of the PersistentVolumeClaim ${mount.claimName}` };
}

async function discardKept(engine: ContainerEngine, name: string, call: CallOptions): Promise<void> {
  const living = await engine.listEnvironments({ ...call, sessionId: name });
  if (living.length > 0) {
    const message = `${name} runs. Use recac stop --discard ${name}.`;
    throw new RecacError('RECAC_ENVIRONMENT_CONFLICT', message, { details: { sessionId: name } });
  }
  if (!engine.capabilities.keptWorkspaces) return;
  for (const { id, sessionId } of await engine.listKeptWorkspaces(call))
    if (sessionId === name) await engine.removeKeptWorkspace(id, call);
}
