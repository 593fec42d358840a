import type { ContainerEngine, Environment } from '@recac/engine-core';
import { blockBytes } from '../archive/tar-entry.ts';
import { encodeHeader, paddingAfter } from '../archive/tar-header.ts';
import { Manifest } from '../manifest/manifest.ts';
import { type ManifestEntry, untilChange } from '../manifest/manifest-entry.ts';
import { ManifestParser } from '../manifest/manifest-parser.ts';
import { toScriptInput } from '../small-input.ts';
import { packTree } from './pack-tree.ts';
import { changeNames, describePathsScript, receiveScript } from './receive-script.ts';
import { resumeUpload } from './resume-upload.ts';
import { runScript } from './run-script.ts';
import { toPathList } from './to-path-list.ts';
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
  /** File of this machine that says that an upload is under way; what one left that was cut off is not sent again. */
  readonly unfinishedPath: string;
}

/**
 * Sends changes into the workspace of an environment. They arrive complete or not at all, each file as a whole. Errors: `RECAC_WORKSPACE_UNAVAILABLE`,
 * `RECAC_CAPABILITY_UNSUPPORTED` without tar, `RECAC_EXEC_FAILED`, `RECAC_ABORTED`.
 */
export async function sendChanges(
  ends: SyncEnds,
  changes: Changes,
  { isFirst = false, expected = [], unfinishedPath }: SendOptions,
): Promise<Sent> {
  const { entries } = changes;
  const left = await recallUpload(unfinishedPath, ends.environment);
  const kept = left && (await resumeUpload(ends, left.id, entries));
  const id = left !== undefined && kept !== undefined ? left.id : crypto.randomUUID();
  let bytes = 0;
  const counted = function* (): Generator<Uint8Array, void, undefined> {
    for (const piece of toArchive(ends.directory, changes, { isFirst, kept })) {
      bytes += piece.length;
      yield piece;
    }
  };
  const manifest = new Manifest(entries.table);
  let last: ManifestEntry | undefined;
  const parser = new ManifestParser((path, entry) => {
    if (isFirst) last = entry;
    else if (entries.has(path)) manifest.set(path, entry);
  });
  const input = await toScriptInput(counted());
  if (input.type === 'stream') await rememberUpload(unfinishedPath, { environmentId: ends.environment.id, id });
  await runScript(ends, receiveScript, {
    parameters: [id, isFirst ? 'until' : 'each'],
    input,
    further: expected,
    onOutput: (piece) => parser.add(piece),
  });
  parser.finish();
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

function* toArchive(
  directory: string,
  { entries, gone }: Changes,
  { isFirst, kept }: { readonly isFirst: boolean; readonly kept: Manifest | undefined },
): Generator<Uint8Array, void, undefined> {
  yield* toListMember(changeNames.removedFiles, () => pathsOf(gone, ({ type }) => type !== 'directory'));
  yield* toListMember(changeNames.removedDirectories, () =>
    pathsOf(gone.reversed(), ({ type }) => type === 'directory'),
  );
  const missing = kept === undefined ? entries : without(entries, kept);
  yield* packTree({ directory, entries: missing, prefix: changeNames.content });
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

/** A file with a list of paths, which is made twice: its length comes first. */
function* toListMember(name: string, toPaths: () => Iterable<string>): Generator<Uint8Array, void, undefined> {
  let size = 0;
  for (const piece of toPathList(toPaths())) size += piece.length;
  yield encodeHeader({ name, type: 'file', mode: 0o600, size, modifiedSeconds: 0, linkName: '' });
  yield* toPathList(toPaths());
  yield paddingAfter(size);
}
