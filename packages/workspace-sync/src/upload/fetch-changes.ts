import { abortedError, RecacError } from '@recac/engine-core';
import { toSteps } from '../archive/entry-path.ts';
import { Extraction, type ExtractReport } from '../archive/extract-archive.ts';
import { blockBytes } from '../archive/tar-entry.ts';
import { encodeHeader, paddingAfter } from '../archive/tar-header.ts';
import { lastWords } from '../copy/copy-error.ts';
import { type OutputStream, streamOutput } from '../copy/output-stream.ts';
import type { Manifest } from '../manifest/manifest.ts';
import type { ManifestEntry } from '../manifest/manifest-entry.ts';
import { manifestExit } from '../manifest/manifest-script.ts';
import type { PathTable } from '../manifest/path-table.ts';
import { toPathBytes } from '../manifest/scan-path.ts';
import { toScriptCommand } from '../script-command.ts';
import { fetchedModeMask } from './is-same-file.ts';
import { fetchPartScript, fetchScript } from './receive-script.ts';
import { explain } from './run-script.ts';
import { isSent, type SyncEnds } from './send-changes.ts';
import { toPathList } from './to-path-list.ts';

/** Bytes that are fetched by one command: the environment keeps what a command prints on its disk until it has ended. */
const batchBytes = 512 * 1_048_576;
/** Files that are fetched by one command. */
const batchFiles = 50_000;
const partUnitBytes = 1_048_576;

/** What came. */
export interface FetchReport extends ExtractReport {
  /** What the environment said of the first thing that it could not read, which is not among what came. Default: all that is still there came. */
  readonly problem?: string;
}

/**
 * Fetches files and links of the workspace into a new directory of this machine. What comes is not trusted: see `extractArchive`; a link that leads
 * outside is left out and named, by its path; what vanished meanwhile, and what cannot be read there, does not come. Errors: as `sendChanges`, `RECAC_WORKSPACE_CONFLICT` for a large file that shrinks meanwhile, and `RECAC_INVALID_ARGUMENT` for an
 * archive that holds anything else than was asked for.
 */
export async function fetchChanges(
  ends: SyncEnds,
  entries: Manifest,
  { target, partBytes = batchBytes }: { readonly target: string; readonly partBytes?: number },
): Promise<FetchReport> {
  const { signal } = ends;
  let problem: string | undefined;
  const extraction = new Extraction({
    target,
    joined: true,
    skipUnsafeLinks: true,
    modeMask: fetchedModeMask,
    isWanted: (path) => isFetched(entries.get(path)),
    ...(signal === undefined ? {} : { signal }),
  });
  const note = (said: string | undefined): void => {
    problem ??= said;
  };
  const { table } = entries;
  // Rows: as many paths would be megabytes of strings, anew for each batch.
  let batch: number[] = [];
  let bytes = 0;
  const fetchRows = (): Promise<string | undefined> => fetchBatch(ends, pathsOf(table, batch), extraction);
  for (const row of entries.rows()) {
    const entry = entries.getRow(row);
    if (entry === undefined || !isSent(entry)) continue;
    if (entry.size > partBytes) {
      note(await fetchInParts(ends, { path: table.pathOf(row), entry, partBytes }, extraction));
      continue;
    }
    batch.push(row);
    bytes += entry.size + 2 * blockBytes;
    if (bytes < partBytes && batch.length < batchFiles) continue;
    note(await fetchRows());
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) note(await fetchRows());
  const report = await extraction.finish().catch(toReadable);
  const skipped = report.skipped.map((name) => toSteps(name).join('/'));
  return { ...report, skipped, ...(problem === undefined ? {} : { problem }) };
}

function* pathsOf(table: PathTable, rows: readonly number[]): Generator<string, void, undefined> {
  for (const row of rows) yield table.pathOf(row);
}

function isFetched(entry: ManifestEntry | undefined): boolean {
  return entry !== undefined && isSent(entry);
}

/** Gives what the environment said of something that it could not read. */
async function fetchBatch(
  ends: SyncEnds,
  paths: Iterable<string>,
  extraction: Extraction,
): Promise<string | undefined> {
  const { output, result } = openFetch(ends, { script: fetchScript, parameters: [], paths });
  await extraction.take(output).catch(async (error: unknown) => {
    const ended = await result;
    if (ends.signal?.aborted) throw abortedError('fetching the workspace', ends.signal.reason);
    // An archive that breaks off is the symptom; what ended the command is the cause.
    if (ended.exitCode !== 0 && ended.outcome.type !== 'cancelled') throw explain(ended, ends.environment);
    throw toReadable(error);
  });
  return checkRead(ends, await result);
}

interface LargeFile {
  readonly path: string;
  readonly entry: ManifestEntry;
  readonly partBytes: number;
}

/** One file by several commands, as one archive. Gives as {@link fetchBatch}. */
async function fetchInParts(ends: SyncEnds, file: LargeFile, extraction: Extraction): Promise<string | undefined> {
  let problem: string | undefined;
  const onUnread = (said: string | undefined): void => {
    problem = said;
  };
  await extraction.take(toArchive(ends, file, onUnread)).catch((error: unknown) => {
    if (ends.signal?.aborted) throw abortedError('fetching the workspace', ends.signal.reason);
    throw toReadable(error);
  });
  return problem;
}

async function* toArchive(
  ends: SyncEnds,
  { path, entry, partBytes }: LargeFile,
  onUnread: (said: string | undefined) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { mode, size } = entry;
  const modifiedSeconds = Number(entry.modifiedNs) / 1e9;
  const units = Math.ceil(partBytes / partUnitBytes);
  for (let at = 0; at < size; ) {
    const parameters = [String(at / partUnitBytes), String(units)];
    const { output, result } = openFetch(ends, { script: fetchPartScript, parameters, paths: [path] });
    const end = Math.min(size, at + units * partUnitBytes);
    for await (const piece of output) {
      const wanted = piece.subarray(0, end - at);
      if (at === 0 && wanted.length > 0)
        yield encodeHeader({ name: path, type: 'file', mode, size, modifiedSeconds, linkName: '' });
      at += wanted.length;
      if (wanted.length > 0) yield wanted;
    }
    const ended = await result;
    const problem = checkRead(ends, ended);
    if (at === end) continue;
    if (problem === undefined) throw shrunk(path);
    if (at > 0) throw explain(ended, ends.environment);
    onUnread(problem);
    return yield Buffer.alloc(2 * blockBytes);
  }
  yield paddingAfter(size);
  yield Buffer.alloc(2 * blockBytes);
}

/** Runs one of the scripts that read files, on these paths. */
export function openFetch(
  { engine, environment, signal }: SyncEnds,
  call: { readonly script: string; readonly parameters: readonly string[]; readonly paths: Iterable<string> },
): OutputStream {
  const words = [environment.workspacePath, ...call.parameters, '-'];
  return streamOutput(engine, environment.id, toScriptCommand(call.script, ...words), {
    stdin: Buffer.concat([...toPathList(call.paths)]),
    workingDirectory: '/',
    ...(signal === undefined ? {} : { signal }),
  });
}

type Ended = Awaited<OutputStream['result']>;

/** Gives what was said of something that could not be read, where that is all that went wrong. */
function checkRead({ environment, signal }: SyncEnds, ended: Ended): string | undefined {
  if (signal?.aborted) throw abortedError('fetching the workspace', signal.reason);
  if (ended.droppedBytes > 0) throw explain({ ...ended, stderr: 'there was no room for what it printed' }, environment);
  if (ended.exitCode === 0) return undefined;
  if (ended.exitCode !== manifestExit.incomplete) throw explain(ended, environment);
  return lastWords(ended);
}

function toReadable(error: unknown): never {
  throw RecacError.isInstance(error) ? error : unwritable(error);
}

function shrunk(path: string): RecacError {
  const shown = toPathBytes(path).toString();
  const message = `${shown} became shorter while it was fetched. Fetch it again when nothing writes to it.`;
  return new RecacError('RECAC_WORKSPACE_CONFLICT', message, { details: { path: shown } });
}

function unwritable(cause: unknown): RecacError {
  const { code } = cause as NodeJS.ErrnoException;
  const message = `the files that came back cannot be written (${code}). Check space and permissions here; they are still in the environment.`;
  return new RecacError('RECAC_PERMISSION_DENIED', message, { cause });
}
