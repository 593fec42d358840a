import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import {
  type Environment,
  RecacError,
  toEnvironmentName,
  type WorkspaceMount,
  type WorkspaceStrategyName,
} from '@recac/engine-core';
import type { GitHistory } from '../git/find-history.ts';

/** What this machine remembers of the workspace of one environment, so that another process can bring its work back. */
export interface WorkspaceRecord {
  /** Name of the session. */
  readonly sessionId: string;
  /** Backend that it runs on. */
  readonly backend: string;
  /** Id of its environment. */
  readonly environmentId: string;
  /** When its environment was created by the clock of the backend, as ISO 8601. */
  readonly environmentCreatedAt: string;
  /** Endpoint of the engine; see `EngineInfo.endpoint`. */
  readonly endpoint: string;
  /** Tells it from every other record, also when it goes on to another environment; {@link toRecordKey} of the first. */
  readonly key: string;
  /** How its files went in. */
  readonly strategy: WorkspaceStrategyName;
  /** Directory of this machine, absolute. */
  readonly path: string;
  /** When it began, as ISO 8601. */
  readonly createdAt: string;
  /** Paths that are carried although they are ignored. */
  readonly include: readonly string[];
  /** Patterns that are left out besides. */
  readonly exclude: readonly string[];
  /** History that went in with `git`. */
  readonly history?: GitHistory;
  /** The environment cloned a remote by itself, so nothing is pushed to it. Default: false. */
  readonly isCloned?: boolean;
  /** Mount of the workspace where that outlives the environment by itself, as a claim does. */
  readonly mount?: WorkspaceMount;
  /** Image of the environment. */
  readonly image?: string;
  /** User of its commands. */
  readonly user?: string;
  /** Id that the workspace is kept under when the environment ends by itself. */
  readonly keptId?: string;
}

/** Which record is meant: that of an environment. Its id alone would not do, since an engine may give it again once the environment is gone. */
export type RecordAddress = Pick<Environment, 'backend' | 'sessionId' | 'id' | 'createdAt'>;

/** Which records are meant: those of a name, wherever it was used. */
export type RecordName = Pick<WorkspaceRecord, 'backend' | 'sessionId'>;

/**
 * Directory of what recac remembers on this machine: `$XDG_STATE_HOME/recac`, or `~/.local/state/recac`. Losing it loses no environment and no work, only the
 * knowledge where the work of a session belongs.
 */
export function defaultStateDirectory(): string {
  const base = process.env.XDG_STATE_HOME;
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.local', 'state'), 'recac');
}

/** File that remembers what both sides of an upload had in common. */
export function toBasePath(stateDirectory: string, address: RecordAddress): string {
  return join(toDirectory(stateDirectory, address), 'base');
}

/** The address of a record. */
export function toRecordAddress(record: WorkspaceRecord): RecordAddress {
  const { backend, sessionId, environmentId: id, environmentCreatedAt } = record;
  return { backend, sessionId, id, createdAt: new Date(environmentCreatedAt) };
}

/** Writes a record; it is whole or the one before. */
export async function saveRecord(stateDirectory: string, record: WorkspaceRecord): Promise<void> {
  await writeRecord(toDirectory(stateDirectory, toRecordAddress(record)), record);
}

/** The workspace is another environment's from now on: its record goes along, with all that is beside it. */
export async function moveRecord(stateDirectory: string, from: RecordAddress, record: WorkspaceRecord): Promise<void> {
  const [before, after] = [from, toRecordAddress(record)].map((address) => toDirectory(stateDirectory, address));
  if (before === undefined || after === undefined || before === after) return saveRecord(stateDirectory, record);
  await writeRecord(before, record);
  await rename(before, after);
}

/** The record of an environment; undefined when this machine has none. Errors: `RECAC_WORKSPACE_UNAVAILABLE` for one that is damaged. */
export async function loadRecord(stateDirectory: string, address: RecordAddress): Promise<WorkspaceRecord | undefined> {
  return readRecord(join(toDirectory(stateDirectory, address), 'record.json'));
}

/** Forgets the workspace of an environment. Its work, where it came back, stays where it is. */
export async function removeRecord(stateDirectory: string, address: RecordAddress): Promise<void> {
  await rm(toDirectory(stateDirectory, address), { recursive: true, force: true });
}

/**
 * Records of this machine, oldest first: all, or those of a name, of a backend or of both. One that is damaged rejects, as {@link loadRecord} does; with
 * `onDamaged` that is told instead, and it hides no other.
 */
export async function listRecords(
  stateDirectory: string,
  { backend, sessionId }: Partial<RecordName> = {},
  { onDamaged }: { readonly onDamaged?: (error: RecacError) => void } = {},
): Promise<readonly WorkspaceRecord[]> {
  const root = join(stateDirectory, 'workspaces');
  const found: WorkspaceRecord[] = [];
  for (const directory of backend === undefined ? await listNames(root) : [encodeURIComponent(backend)])
    for (const name of await listNames(join(root, directory))) {
      if (sessionId !== undefined && !name.startsWith(toPrefix({ sessionId }))) continue;
      const record = await readRecord(join(root, directory, name, 'record.json')).catch((error: unknown) => {
        if (onDamaged === undefined || !RecacError.isInstance(error)) throw error;
        onDamaged(error);
        return undefined;
      });
      if (record !== undefined && (sessionId === undefined || record.sessionId === sessionId)) found.push(record);
    }
  return found.sort((one, other) => one.createdAt.localeCompare(other.createdAt));
}

/** A short name of an environment, another one for each that ever was. */
export function toRecordKey({ id, createdAt }: Pick<RecordAddress, 'id' | 'createdAt'>): string {
  return createHash('sha256').update(`${id}\0${createdAt.toISOString()}`).digest('hex').slice(0, 16);
}

function toDirectory(stateDirectory: string, address: RecordAddress): string {
  const name = `${toPrefix(address)}${toRecordKey(address)}`;
  return join(stateDirectory, 'workspaces', encodeURIComponent(address.backend), name);
}

/** No name of an environment has a dot. */
function toPrefix({ sessionId }: Pick<RecordName, 'sessionId'>): string {
  return `${toEnvironmentName(sessionId)}.`;
}

async function writeRecord(directory: string, record: WorkspaceRecord): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = join(directory, `record.json.${process.pid}`);
  {
    await using file = await open(draft, 'w', 0o600);
    await file.writeFile(`${JSON.stringify({ version: 1, ...record }, undefined, 2)}\n`);
    await file.sync();
  }
  await rename(draft, join(directory, 'record.json'));
}

async function listNames(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

async function readRecord(path: string): Promise<WorkspaceRecord | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const { version: _, ...record } = JSON.parse(text) as WorkspaceRecord & { readonly version: number };
    if (typeof record.sessionId === 'string' && typeof record.path === 'string') return record;
    throw new TypeError('a field is missing');
  } catch (cause) {
    const message = `${path}, which says where the work of a session belongs, is damaged. Fetch the files with recac cp, then end the session with recac stop --discard.`;
    throw new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { cause, details: { path } });
  }
}
