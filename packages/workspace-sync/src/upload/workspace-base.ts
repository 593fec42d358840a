import { appendFile, mkdir, open, readFile, rename, rm, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RecacError } from '@recac/engine-core';
import type { Manifest, ManifestEntry, ManifestEntryType } from '../manifest/manifest.ts';

/** What both sides held when they were last the same. */
export interface WorkspaceBase {
  /** The tree of this machine. */
  readonly host: Map<string, ManifestEntry>;
  /** The tree of the environment. */
  readonly environment: Map<string, ManifestEntry>;
}

/** What became different in one tree. */
export interface ManifestChange {
  /** New and changed entries. */
  readonly set: readonly (readonly [string, ManifestEntry])[];
  /** Paths that are gone. */
  readonly removed: readonly string[];
}

/** What became different in both. */
export interface BaseChange {
  /** In the tree of this machine. */
  readonly host: ManifestChange;
  /** In that of the environment. */
  readonly environment: ManifestChange;
}

/** Nothing was carried yet. */
export function emptyBase(): WorkspaceBase {
  return { host: new Map(), environment: new Map() };
}

type Row = readonly [string, ManifestEntryType, number, number, string];
type Side = { readonly set?: readonly Row[]; readonly removed?: readonly string[] };
const newline = 10;
type Line = { readonly host: Side; readonly environment: Side };

/** Puts a change into a base. */
export function changeBase(base: WorkspaceBase, change: BaseChange): void {
  for (const side of ['host', 'environment'] as const) {
    for (const path of change[side].removed) base[side].delete(path);
    for (const [path, entry] of change[side].set) base[side].set(path, entry);
  }
}

/** Rows of one line of a file: a base of a million files must not become one text. */
const rowsInLine = 10_000;

/** Writes a base to a file, so that another process can go on from it after this one was killed. It is whole or the one before. */
export async function saveBase(path: string, base: WorkspaceBase): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  try {
    await using file = await open(draft, 'w', 0o600);
    for (const set of inParts(base.host)) await file.write(toLine({ host: { set }, environment: {} }));
    for (const set of inParts(base.environment)) await file.write(toLine({ host: {}, environment: { set } }));
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Adds a change to the file of a base, which costs as much as the change, not as the base. A line that was cut off counts as not written. */
export function appendToBase(path: string, { host, environment }: BaseChange): Promise<void> {
  const toSide = ({ set, removed }: ManifestChange): Side => ({ set: toRows(set), removed });
  return appendFile(path, toLine({ host: toSide(host), environment: toSide(environment) }));
}

/** Reads a base; undefined when there is none. Errors: `RECAC_WORKSPACE_UNAVAILABLE` for a file that is damaged. */
export async function loadBase(path: string): Promise<WorkspaceBase | undefined> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (bytes === undefined) return undefined;
  const whole = bytes.lastIndexOf(newline) + 1;
  if (whole < bytes.length) await truncate(path, whole);
  try {
    return parseLines(bytes.subarray(0, whole));
  } catch (cause) {
    const message = `${path}, which says what was sent to the session, is damaged. Fetch the files with recac cp instead.`;
    throw new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { cause, details: { path } });
  }
}

function parseLines(bytes: Buffer): WorkspaceBase {
  const base = emptyBase();
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(newline, at);
    const { host, environment } = JSON.parse(bytes.toString('utf8', at, end)) as Line;
    changeBase(base, { host: fromSide(host), environment: fromSide(environment) });
    at = end + 1;
  }
  return base;
}

function fromSide({ set = [], removed = [] }: Side): ManifestChange {
  return { set: set.map(([path, type, mode, size, stamp]) => [path, { type, mode, size, stamp }]), removed };
}

function toLine(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}

function toRows(entries: Iterable<readonly [string, ManifestEntry]>): readonly Row[] {
  return Array.from(entries, ([path, { type, mode, size, stamp }]) => [path, type, mode, size, stamp] as const);
}

function* inParts(manifest: Manifest): Generator<readonly Row[], void, undefined> {
  let part: (readonly [string, ManifestEntry])[] = [];
  for (const pair of manifest) {
    part.push(pair);
    if (part.length < rowsInLine) continue;
    yield toRows(part);
    part = [];
  }
  if (part.length > 0) yield toRows(part);
}
