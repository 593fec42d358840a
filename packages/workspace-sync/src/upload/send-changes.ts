import { abortedError, type ContainerEngine, type Environment, type ExecResult, RecacError } from '@recac/engine-core';
import { encodeHeader, paddingAfter } from '../archive/tar-header.ts';
import { withoutTar } from '../copy/copy-error.ts';
import { IgnoreRules } from '../ignore/ignore-rules.ts';
import { type Manifest, type ManifestEntry, untilStamp } from '../manifest/manifest.ts';
import { parseManifest } from '../manifest/read-manifest.ts';
import { noBase64Exit, type ScriptInput, toInputArgument, toScriptInput } from '../small-input.ts';
import { packTree } from './pack-tree.ts';
import { changeNames, describePathsScript, receiveExit, receiveScript } from './receive-script.ts';

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
  /** New and changed paths, parents first. */
  readonly entries: readonly (readonly [string, ManifestEntry])[];
  /** Files and links to remove. */
  readonly removedFiles: readonly string[];
  /** Directories to remove where they are empty, children first. */
  readonly removedDirectories: readonly string[];
}

/** What was sent. */
export interface Sent {
  /** What the environment says that the files now are. */
  readonly manifest: Manifest;
  /** Bytes of the archive. */
  readonly bytes: number;
}

const everything = new IgnoreRules({ include: [] });

/**
 * Sends changes into the workspace of an environment. They arrive complete or not at all, each file as a whole. The first time, when nothing else works in the
 * environment yet, `isFirst` saves asking for every file. Errors: `RECAC_WORKSPACE_UNAVAILABLE`,
 * `RECAC_CAPABILITY_UNSUPPORTED` without tar, `RECAC_EXEC_FAILED`, `RECAC_ABORTED`.
 */
export async function sendChanges(
  ends: SyncEnds,
  changes: Changes,
  { isFirst = false }: { readonly isFirst?: boolean } = {},
): Promise<Sent> {
  let bytes = 0;
  const counted = function* (): Generator<Uint8Array, void, undefined> {
    for (const piece of toArchive(ends.directory, changes)) {
      bytes += piece.length;
      yield piece;
    }
  };
  const parameters = [crypto.randomUUID(), isFirst ? 'until' : 'each'];
  const said = parseOutput(await runScript(ends, receiveScript, parameters, await toScriptInput(counted())));
  return { manifest: isFirst ? stampAll(changes.entries, said) : said, bytes };
}

/** What was sent, with the stamp of the file that was made after it. */
function stampAll(entries: Changes['entries'], said: Manifest): Manifest {
  const [last] = said.values();
  if (last === undefined) return said;
  const stamp = untilStamp(last.stamp);
  return new Map(
    entries.filter(([, { type }]) => type !== 'special').map(([path, entry]) => [path, { ...entry, stamp }]),
  );
}

/** What some paths of the workspace now are; those that do not exist are left out. Errors: as {@link sendChanges}. */
export async function describePaths(ends: SyncEnds, paths: readonly string[]): Promise<Manifest> {
  if (paths.length === 0) return new Map();
  return parseOutput(await runScript(ends, describePathsScript, [], await toScriptInput([toPathList(paths)])));
}

/** Paths as a program in the workspace reads them: none looks like an option, each is ended by NUL. */
export function toPathList(paths: readonly string[]): Buffer {
  return Buffer.from(paths.map((path) => `./${path}\0`).join(''), 'latin1');
}

function* toArchive(directory: string, changes: Changes): Generator<Uint8Array, void, undefined> {
  const { entries, removedFiles, removedDirectories } = changes;
  yield* toMember(changeNames.removedFiles, toPathList(removedFiles));
  yield* toMember(changeNames.removedDirectories, toPathList(removedDirectories));
  yield* packTree({ directory, entries, prefix: changeNames.content });
  const sent = entries.filter(([, { type }]) => type === 'file' || type === 'link').map(([path]) => path);
  yield* toMember(changeNames.sent, toPathList(sent));
  yield* toMember(changeNames.end, Buffer.alloc(0));
  yield Buffer.alloc(2 * 512);
}

function* toMember(name: string, content: Buffer): Generator<Uint8Array, void, undefined> {
  const size = content.length;
  yield encodeHeader({ name, type: 'file', mode: 0o600, size, modifiedSeconds: 0, linkName: '' });
  yield content;
  yield paddingAfter(size);
}

async function runScript(
  ends: SyncEnds,
  script: string,
  parameters: readonly string[],
  input: ScriptInput,
): Promise<ExecResult> {
  const { engine, environment, signal } = ends;
  const command = ['/bin/sh', '-c', script, 'recac', environment.workspacePath, ...parameters, toInputArgument(input)];
  const result = await engine.exec(environment.id, command, {
    ...(input.type === 'stream' ? { stdin: input.pieces, lostStdin: 'end' } : {}),
    workingDirectory: '/',
    maxOutputBytes: 512 * 1_048_576,
    ...(signal === undefined ? {} : { signal }),
  });
  if (result.outcome.type === 'cancelled') throw abortedError('sending the workspace', signal?.reason);
  if (result.exitCode === noBase64Exit && input.type === 'inline')
    return runScript(ends, script, parameters, { type: 'stream', pieces: once(input.bytes) });
  if (result.exitCode !== 0) throw explain(result, environment);
  return result;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

function parseOutput(result: ExecResult): Manifest {
  return parseManifest(Buffer.from(result.stdoutData).toString('latin1'), everything);
}

/** Why the environment did not take or give files. */
export function explain(result: ExecResult, environment: Environment): RecacError {
  const { sessionId, workspacePath } = environment;
  if (result.exitCode === receiveExit.noTar) return withoutTar();
  const said = result.stderr.trim().split('\n').at(-1)?.slice(0, 500) || `exit code ${result.exitCode}`;
  const problem =
    result.exitCode === receiveExit.notReadable
      ? 'cannot be entered'
      : result.exitCode === receiveExit.notWritable
        ? 'cannot be written to'
        : result.exitCode === receiveExit.incomplete
          ? 'did not get all files; nothing was changed'
          : `does not take or give files: ${said}`;
  return new RecacError(
    'RECAC_WORKSPACE_UNAVAILABLE',
    `the workspace ${workspacePath} of ${sessionId} ${problem}. Look at it with recac shell ${sessionId}.`,
    { details: { exitCode: result.exitCode, outcome: result.outcome } },
  );
}
