import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { RecacError, toEnvironmentName, type WorkspaceMount, type WorkspaceStrategyName } from '@recac/engine-core';
import type { GitHistory } from '../git/find-history.ts';

/** What this machine remembers of the workspace of one session, so that another process can bring its work back. */
export interface WorkspaceRecord {
  /** Name of the session. */
  readonly sessionId: string;
  /** Backend that it runs on. */
  readonly backend: string;
  /** Id of its environment. */
  readonly environmentId: string;
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
  /** The kept workspace that the environment was started over again. */
  readonly keptId?: string;
}

/** Which record is meant. */
export type RecordAddress = Pick<WorkspaceRecord, 'backend' | 'sessionId'>;

/**
 * Directory of what recac remembers on this machine: `$XDG_STATE_HOME/recac`, or `~/.local/state/recac`. Losing it loses no environment and no work, only the
 * knowledge where the work of a session belongs.
 */
export function defaultStateDirectory(): string {
  const base = process.env.XDG_STATE_HOME;
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.local', 'state'), 'recac');
}

/** Directory of one session's record. */
export function toRecordDirectory(stateDirectory: string, { backend, sessionId }: RecordAddress): string {
  return join(stateDirectory, 'workspaces', encodeURIComponent(backend), toEnvironmentName(sessionId));
}

/** File that remembers what both sides of an upload had in common. */
export function toBasePath(stateDirectory: string, address: RecordAddress): string {
  return join(toRecordDirectory(stateDirectory, address), 'base');
}

/** Writes a record; it is whole or the one before. */
export async function saveRecord(stateDirectory: string, record: WorkspaceRecord): Promise<void> {
  const directory = toRecordDirectory(stateDirectory, record);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = join(directory, `record.json.${process.pid}`);
  {
    await using file = await open(draft, 'w', 0o600);
    await file.writeFile(`${JSON.stringify({ version: 1, ...record }, undefined, 2)}\n`);
    await file.sync();
  }
  await rename(draft, join(directory, 'record.json'));
}

/** The record of a session; undefined when this machine has none. Errors: `RECAC_WORKSPACE_UNAVAILABLE` for one that is damaged. */
export async function loadRecord(stateDirectory: string, address: RecordAddress): Promise<WorkspaceRecord | undefined> {
  return readRecord(join(toRecordDirectory(stateDirectory, address), 'record.json'));
}

/** Forgets a session. Its work, where it came back, stays where it is. */
export async function removeRecord(stateDirectory: string, address: RecordAddress): Promise<void> {
  await rm(toRecordDirectory(stateDirectory, address), { recursive: true, force: true });
}

/** All records of this machine, oldest first. */
export async function listRecords(stateDirectory: string): Promise<readonly WorkspaceRecord[]> {
  const root = join(stateDirectory, 'workspaces');
  const found: WorkspaceRecord[] = [];
  for (const backend of await listNames(root))
    for (const name of await listNames(join(root, backend))) {
      const record = await readRecord(join(root, backend, name, 'record.json'));
      if (record !== undefined) found.push(record);
    }
  return found.sort((one, other) => one.createdAt.localeCompare(other.createdAt));
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
    const message = `${path}, which says where the work of a session belongs, is damaged. Fetch the files with recac cp.`;
    throw new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { cause, details: { path } });
  }
}
