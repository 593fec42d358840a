import type { ContainerEngine, Environment } from '@recac/engine-core';
import { blockBytes } from '../archive/tar-entry.ts';
import { encodeHeader, paddingAfter } from '../archive/tar-header.ts';
import { Manifest } from '../manifest/manifest.ts';
import { type ManifestEntry, untilChange } from '../manifest/manifest-entry.ts';
import { ManifestParser } from '../manifest/manifest-parser.ts';
import { toScriptInput } from '../small-input.ts';
import { toStatLine } from './expected-paths.ts';
import { isPackedAs, type PackedFile, packTree } from './pack-tree.ts';
import { changeNames, describePathsScript, receiveScript } from './receive-script.ts';
import { resumeUpload } from './resume-upload.ts';
import { runScript } from './run-script.ts';
import { gatherText, toPathList } from './to-path-list.ts';
import { forgetUpload, recallUpload, rememberUpload } from './unfinished-upload.ts';

/** The two ends of a transfer. */
export interface SyncEnds {
  /** The engine of the environment. */
  readonly engine: ContainerEngine;
  /** Whose workspace it is. */
  readonly environment: Environment;
  /** Directory of this machine, absolute, its links resolved. */
  readonly directory: string;
  /** Cancels: what was not in place yet never gets there. */
  readonly signal?: AbortSignal;
}

/** What to send. */
export interface Changes {
  /** What is new or changed. */
  readonly entries: Manifest;
  /** What to remove: files and links, and directories where they are empty. */
  readonly gone: Manifest;
}

/** What was sent. */
export interface Sent {
  /** What the environment says that the files now are. */
  readonly manifest: Manifest;
  /** Bytes of the archive. */
  readonly bytes: number;
}

/** How to send. */
export interface SendOptions {
  /** The workspace must be empty, which saves asking for every file; else nothing is changed and the error says `receiveExit.otherwise`. Default: false. */
  readonly isFirst?: boolean;
  /** What paths must be, or nothing is changed and the error says `receiveExit.otherwise`; see `toExpectedPaths`. Default: whatever they are. */
  readonly expected?: readonly Uint8Array[];
  /** The same for any number of paths: what the environment said of all that are sent or removed. Default: as for `expected`. */
  readonly there?: Manifest;
  /** File of this machine that says that an upload is under way; what one left that was cut off is not sent again. */
  readonly unfinishedPath: string;
  /** Told of paths where the environment has something that was not sent; when the error says `receiveExit.inTheWay`, of what is in the way. Default: nobody is. */
  readonly onUnsent?: (path: string) => void;
}

/**
 * Sends changes into the workspace of an environment. They arrive complete or not at all, each file as a whole; where the environment has something of its own that
 * what comes cannot replace, the error says `receiveExit.inTheWay`. Errors: `RECAC_WORKSPACE_UNAVAILABLE`,
 * `RECAC_CAPABILITY_UNSUPPORTED` without tar, `RECAC_EXEC_FAILED`, `RECAC_ABORTED`.
 */
export async function sendChanges(
  ends: SyncEnds,
  changes: Changes,
  { isFirst = false, expected = [], there, unfinishedPath, onUnsent }: SendOptions,
): Promise<Sent> {
  const { entries } = changes;
  const left = await recallUpload(unfinishedPath, ends.environment);
  const kept = left && (await resumeUpload(ends, left.id, entries));
  const id = left !== undefined && kept !== undefined ? left.id : crypto.randomUUID();
  const others = new Map<string, PackedFile>();
  const onOther = (path: string, packed: PackedFile): void => {
    others.set(path, packed);
  };
  let bytes = 0;
  const counted = function* (): Generator<Uint8Array, void, undefined> {
    for (const piece of toArchive(ends.directory, changes, { isFirst, kept, there, onOther })) {
      bytes += piece.length;
      yield piece;
    }
  };
  const manifest = new Manifest(entries.table);
  let last: ManifestEntry | undefined;
  const parser = new ManifestParser((path, entry) => {
    if (isFirst) last = entry;
    else if (isAsSent(others.get(path) ?? entries.get(path), entry)) manifest.set(path, entry);
    else onUnsent?.(path);
  });
  const input = await toScriptInput(counted());
  if (input.type === 'stream') await rememberUpload(unfinishedPath, { environmentId: ends.environment.id, id });
  await runScript(ends, receiveScript, {
    parameters: [id, isFirst ? 'until' : 'each'],
    input,
    further: expected,
    onOutput: (piece) => parser.add(piece),
  }).finally(() => parser.finish());
  if (input.type === 'stream' || left !== undefined) await forgetUpload(unfinishedPath);
  if (last !== undefined)
    for (const [path, entry] of entries) if (isSent(entry)) manifest.set(path, untilChange(entry, last));
  return { manifest, bytes };
}

/** What some paths of the workspace now are; those that do not exist are left out. Errors: as {@link sendChanges}. */
export async function describePaths(ends: SyncEnds, paths: readonly [Manifest, ...Manifest[]]): Promise<Manifest> {
  const manifest = new Manifest(paths[0].table);
  if (paths.every(({ size }) => size === 0)) return manifest;
  const parser = new ManifestParser((path, entry) => {
    if (paths.some((some) => some.has(path))) manifest.set(path, entry);
  });
  const input = await toScriptInput(toPathLists(paths));
  await runScript(ends, describePathsScript, { parameters: [], input, onOutput: (piece) => parser.add(piece) });
  parser.finish();
  return manifest;
}

function* toPathLists(manifests: readonly Manifest[]): Generator<Uint8Array, void, undefined> {
  for (const manifest of manifests) yield* toPathList(manifest.paths());
}

interface ArchiveOptions {
  readonly isFirst: boolean;
  readonly kept: Manifest | undefined;
  readonly there: Manifest | undefined;
  readonly onOther: (path: string, packed: PackedFile) => void;
}

/** Whether the environment has it as it was sent. If not, somebody has changed it since: that is no common state. */
function isAsSent(sent: ManifestEntry | PackedFile | undefined, now: ManifestEntry): boolean {
  if (sent === undefined) return false;
  if (now.type !== 'file') return 'type' in sent && sent.type === now.type;
  return isPackedAs(sent, now);
}

function* toArchive(
  directory: string,
  changes: Changes,
  { isFirst, kept, there, onOther }: ArchiveOptions,
): Generator<Uint8Array, void, undefined> {
  const { entries, gone } = changes;
  yield* toListMember(changeNames.removedFiles, () => pathsOf(gone, ({ type }) => type !== 'directory'));
  yield* toListMember(changeNames.removedDirectories, () =>
    pathsOf(gone.reversed(), ({ type }) => type === 'directory'),
  );
  if (there !== undefined) {
    yield* toListMember(changeNames.checked, () => toCheckedPaths(changes, there));
    yield* toMember(changeNames.expected, () => toExpectedLines(changes, there));
  }
  const missing = kept === undefined ? entries : without(entries, kept);
  yield* packTree({ directory, entries: missing, prefix: changeNames.content, onOther });
  // The first time nobody asks what each of them became.
  yield* toListMember(changeNames.sent, () => (isFirst ? [] : pathsOf(entries, isSent)));
  yield* toListMember(changeNames.end, () => []);
  yield Buffer.alloc(2 * blockBytes);
}

function* without(entries: Manifest, kept: Manifest): Generator<readonly [string, ManifestEntry], void, undefined> {
  for (const [path, entry] of entries) if (!kept.has(path)) yield [path, entry];
}

/** Whether an entry is one whose content is carried. */
export function isSent({ type }: ManifestEntry): boolean {
  return type === 'file' || type === 'link';
}

/** The paths of entries that are meant. */
function* pathsOf(
  entries: Iterable<readonly [string, ManifestEntry]>,
  isMeant: (entry: ManifestEntry) => boolean,
): Generator<string, void, undefined> {
  for (const [path, entry] of entries) if (isMeant(entry)) yield path;
}

/** What is sent or removed, without what is a directory there: it is never overwritten, and only removed where it is empty. */
function* toCheckedPaths({ entries, gone }: Changes, there: Manifest): Generator<string, void, undefined> {
  for (const [path, entry] of entries) if (isSent(entry) && there.get(path)?.type !== 'directory') yield path;
  for (const path of gone.paths()) if (!entries.has(path) && there.get(path)?.type !== 'directory') yield path;
}

function toExpectedLines(changes: Changes, there: Manifest): Generator<Uint8Array, void, undefined> {
  return gatherText(toCheckedPaths(changes, there), (path) => {
    const entry = there.get(path);
    return entry === undefined ? '' : toStatLine(path, entry);
  });
}

function toListMember(name: string, toPaths: () => Iterable<string>): Generator<Uint8Array, void, undefined> {
  return toMember(name, () => toPathList(toPaths()));
}

/** A file with a list, which is made twice: its length comes first. */
function* toMember(name: string, toPieces: () => Iterable<Uint8Array>): Generator<Uint8Array, void, undefined> {
  let size = 0;
  for (const piece of toPieces()) size += piece.length;
  yield encodeHeader({ name, type: 'file', mode: 0o600, size, modifiedSeconds: 0, linkName: '' });
  yield* toPieces();
  yield paddingAfter(size);
}
