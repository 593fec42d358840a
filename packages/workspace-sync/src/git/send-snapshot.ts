import { abortedError, type ContainerEngine, type Environment, type ExecResult, RecacError } from '@recac/engine-core';
import { toScriptCommand } from '../script-command.ts';
import { noBase64Exit, type ScriptInput, toInputArgument, toScriptInput, toStream } from '../small-input.ts';
import { gitExit, listChangedScript, receivePackScript } from './environment-scripts.ts';
import { listAbove } from './list-above.ts';
import type { Repository } from './repository.ts';
import { streamGit } from './run-git.ts';
import { listTreeChanges, type TreeChange } from './tree-changes.ts';

/** A repository of this machine and the environment that has a clone of it. */
export interface GitEnds {
  /** The repository. */
  readonly repository: Repository;
  /** The engine of the environment. */
  readonly engine: ContainerEngine;
  /** Whose workspace it is. */
  readonly environment: Environment;
  /** Cancels. */
  readonly signal?: AbortSignal;
}

/** Which commit to send. */
export interface SnapshotToSend {
  /** The branch in the environment. */
  readonly branch: string;
  /** The commit. */
  readonly commit: string;
  /** The commit that was sent before. Default: none; the environment gets a new repository. */
  readonly previous?: string;
  /** What the files there are known to be as. Default: `previous`. */
  readonly from?: string;
  /** Paths at which nothing may be there, as bytes, one character each; else as with `simple`. Default: none. */
  readonly free?: readonly string[];
  /** With a first commit: files that are there already stay, and it has none that differs from those; else `RECAC_WORKSPACE_CONFLICT`. Default: false. */
  readonly keep?: boolean;
  /** A commit of which the environment has all objects, though it stands on nothing. Default: none. */
  readonly stored?: string;
  /** With a first commit: no session ever worked in the environment, so branches and tags that it has are none of one. Default: false. */
  readonly isNew?: boolean;
  /** Only where the branch stands as it was left and nothing is in the way; else `RECAC_WORKSPACE_CONFLICT`, and nothing was changed. Default: false. */
  readonly simple?: boolean;
  /** The objects are stored, and nothing else is done. Default: false. */
  readonly store?: boolean;
  /** Patterns that are ignored besides those of the tree. Default: none. */
  readonly ignored?: string;
  /** Commits whose parents are left out, so that the history is short. Default: none. */
  readonly shallow?: readonly string[];
}

/** The objects of a commit that the other side does not have, as they are read. */
export interface PackedSnapshot {
  /** The pack, or its beginning when it is large. */
  readonly input: ScriptInput;
  /** How many bytes were read of it. */
  readonly countBytes: () => number;
}

/** Packs a commit. Errors: `RECAC_WORKSPACE_GIT_FAILED`, for a large pack while it is read. */
export async function packSnapshot(repository: Repository, snapshot: SnapshotToSend): Promise<PackedSnapshot> {
  let bytes = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of packCommit(repository, snapshot)) {
      bytes += piece.length;
      yield piece;
    }
  };
  return { input: await toScriptInput(counted()), countBytes: () => bytes };
}

/**
 * Sends a commit and moves the working tree of the environment to it. `packed`: its pack, where that was begun before. Gives the bytes that were sent. Errors:
 * `RECAC_WORKSPACE_CONFLICT`, `RECAC_WORKSPACE_GIT_FAILED`.
 */
export async function sendSnapshot(ends: GitEnds, snapshot: SnapshotToSend, packed?: PackedSnapshot): Promise<number> {
  const { branch, commit, previous, from = previous, ignored = '', shallow = [], free = [] } = snapshot;
  const { input, countBytes } = packed ?? (await packSnapshot(ends.repository, snapshot));
  const mode = snapshot.store ? 'store' : snapshot.simple ? 'simple' : snapshot.keep ? 'keep' : '';
  const format = hasFewObjects(input) ? 'objects' : 'pack';
  const parameters = [
    branch,
    commit,
    previous ?? '-',
    mode,
    ignored,
    shallow.join('\n'),
    format,
    from ?? (snapshot.isNew ? 'new' : '-'),
  ];
  const paths = free.map((path) => Buffer.from(path, 'latin1'));
  const result = await runGitScript(ends, receivePackScript, [...parameters, ...paths], input);
  if (result.exitCode !== 0) throw explainGitScript(result, ends.environment);
  return countBytes();
}

/** Up to so many objects git stores one by one when it fetches (`fetch.unpackLimit`), which is faster than a pack and its index. */
const fewObjects = 100;

function hasFewObjects(input: ScriptInput): boolean {
  return input.type === 'inline' && input.bytes.readUInt32BE(packCountOffset) < fewObjects;
}

/** Where a pack says how many objects it has (gitformat-pack). */
const packCountOffset = 8;

/** More paths than these are cheaper to look for everywhere. */
const fewPaths = 200;

/**
 * Which of some paths differ from each of some commits in the working tree of the environment; undefined for a commit that it does not have. Paths are bytes, one character each. Errors: `RECAC_WORKSPACE_GIT_FAILED`.
 */
export async function listChangedPaths(
  ends: GitEnds,
  commits: readonly string[],
  paths: readonly string[],
): Promise<readonly (ReadonlySet<string> | undefined)[]> {
  const asked = paths.length > fewPaths ? [] : paths.map((path) => Buffer.from(`:(literal)${path}`, 'latin1'));
  const result = await runGitScript(ends, listChangedScript, [commits.join('\n'), ...asked]);
  if (result.exitCode !== 0) throw explainGitScript(result, ends.environment);
  const names = Buffer.from(result.stdoutData).toString('latin1').split('\0');
  return commits.map(() => {
    const [isThere, ...changed] = names.splice(0, names.indexOf('') + 1);
    if (isThere !== '1') return undefined;
    const found = changed.slice(0, -1);
    // A directory in place of a file is listed by what is in it.
    return new Set([...found, ...found.flatMap(listAbove)]);
  });
}

/** What differs between two commits. */
export interface CommitDifference {
  /** Paths, as bytes, one character each. */
  readonly paths: readonly string[];
  /** Those that are pointers to other repositories in the second one. */
  readonly pointers: readonly string[];
  /** Those that only the second one has. */
  readonly added: readonly string[];
  /** Those that only the first one has. */
  readonly removed: readonly string[];
}

/** What differs between two commits of this machine. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function listDifference(repository: Repository, from: string, to: string): Promise<CommitDifference> {
  const changes = await listTreeChanges(repository, from, to);
  const pathsOf = (some: readonly TreeChange[]): readonly string[] => some.map(({ path }) => path);
  return {
    paths: pathsOf(changes),
    pointers: pathsOf(changes.filter(({ newMode }) => newMode === '160000')),
    added: pathsOf(changes.filter(({ oldMode }) => oldMode === '000000')),
    removed: pathsOf(changes.filter(({ newMode }) => newMode === '000000')),
  };
}

function packCommit(
  { directory }: Repository,
  { commit, previous, stored, from, shallow = [] }: SnapshotToSend,
): AsyncIterable<Uint8Array> {
  const parameters = ['pack-objects', '--revs', '--stdout', '--thin', '--delta-base-offset', '-q'];
  // A first pack goes over a fast line once: searching for deltas costs more than it saves (`pitfalls.md` 8).
  const settings = previous === undefined ? ['-c', 'pack.window=0', '-c', 'pack.compression=1'] : [];
  const lines = [
    ...shallow.map((boundary) => `--shallow ${boundary}`),
    commit,
    ...(from === undefined ? [] : [from]),
    ...[previous, stored].filter((known) => known !== undefined).map((known) => `^${known}`),
  ];
  return streamGit({ directory, arguments: [...settings, ...parameters], stdin: `${lines.join('\n')}\n` });
}

/** Runs one of the scripts in the workspace. */
export async function runGitScript(
  ends: GitEnds,
  script: string,
  parameters: readonly (string | Uint8Array)[],
  input?: ScriptInput,
): Promise<ExecResult> {
  const { engine, environment, signal } = ends;
  const given = input === undefined ? [] : [toInputArgument(input)];
  const command = toScriptCommand(script, environment.workspacePath, ...parameters, ...given);
  const result = await engine.exec(environment.id, command, {
    workingDirectory: '/',
    maxOutputBytes: 256 * 1_048_576,
    ...(input?.type === 'stream' ? { stdin: input.pieces, lostStdin: 'end' } : {}),
    ...(signal === undefined ? {} : { signal }),
  });
  if (result.outcome.type === 'cancelled') throw abortedError('moving the workspace', signal?.reason);
  if (result.exitCode === noBase64Exit && input?.type === 'inline')
    return runGitScript(ends, script, parameters, toStream(input));
  return result;
}

/** Why a script of ours did not do it. */
export function explainGitScript(result: ExecResult, { sessionId, workspacePath }: Environment): RecacError {
  const said = result.stderr.trim().split('\n').slice(-3).join(' ').slice(0, 500) || `exit code ${result.exitCode}`;
  const details = { exitCode: result.exitCode, outcome: result.outcome };
  if (result.exitCode === gitExit.inTheWay || result.exitCode === gitExit.occupied) {
    const message = `files of ${sessionId} are in the way: ${said}. Nothing was changed there; bring its work here first, with recac pull ${sessionId}.`;
    return new RecacError('RECAC_WORKSPACE_CONFLICT', message, { details });
  }
  const message = `git failed in ${workspacePath} of ${sessionId}: ${said}. Look at it with recac shell ${sessionId}.`;
  return new RecacError('RECAC_WORKSPACE_GIT_FAILED', message, { details });
}
