import { spawn } from 'node:child_process';
import { once as onceEvent } from 'node:events';
import { abortedError, type ContainerEngine, type Environment, type ExecResult, RecacError } from '@recac/engine-core';
import { noBase64Exit, type ScriptInput, toInputArgument, toScriptInput, toStream } from '../small-input.ts';
import { createCommit, withPrivateIndex } from './create-snapshot.ts';
import { gitExit, listChangedScript, receivePackScript } from './environment-scripts.ts';
import type { Repository } from './repository.ts';
import { readGit, runGit } from './run-git.ts';

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
  /** Only where the branch stands as it was left and nothing is in the way; else `RECAC_WORKSPACE_CONFLICT`, and nothing was changed. Default: false. */
  readonly simple?: boolean;
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
  const { branch, commit, previous, ignored = '', shallow = [], simple = false } = snapshot;
  const { input, countBytes } = packed ?? (await packSnapshot(ends.repository, snapshot));
  const mode = simple ? 'simple' : '';
  const store = hasFewObjects(input) ? 'objects' : 'pack';
  const parameters = [branch, commit, previous ?? '-', mode, ignored, shallow.join('\n'), store];
  const result = await runGitScript(ends, receivePackScript, parameters, input);
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

/** Which of some paths differ from a commit in the working tree of the environment. Paths are bytes, one character each. */
export async function listChangedPaths(
  ends: GitEnds,
  commit: string,
  paths: readonly string[],
): Promise<ReadonlySet<string>> {
  const asked = paths.length > fewPaths ? [] : paths.map((path) => Buffer.from(`:(literal)${path}`, 'latin1'));
  const result = await runGitScript(ends, listChangedScript, [commit, ...asked]);
  if (result.exitCode !== 0) throw explainGitScript(result, ends.environment);
  const names = Buffer.from(result.stdoutData).toString('latin1').split('\0');
  return new Set(names.filter((name) => name !== ''));
}

/** What differs between two commits. */
export interface CommitDifference {
  /** Paths, as bytes, one character each. */
  readonly paths: readonly string[];
  /** Those that are pointers to other repositories in the second one. */
  readonly pointers: readonly string[];
}

/** What differs between two commits of this machine. */
export async function listDifference({ directory }: Repository, from: string, to: string): Promise<CommitDifference> {
  const { output } = await runGit({ directory, arguments: ['diff-tree', '-r', '-z', '--no-renames', from, to] });
  const fields = output.toString('latin1').split('\0');
  const paths = fields.filter((_, index) => index % 2 === 1);
  return { paths, pointers: paths.filter((_, index) => fields[2 * index]?.split(' ')[1] === '160000') };
}

/** A commit as another one, but with some paths as they are in its base. */
export async function withoutPaths(
  repository: Repository,
  { commit, base, paths }: { readonly commit: string; readonly base: string; readonly paths: readonly string[] },
): Promise<string> {
  const { directory } = repository;
  return withPrivateIndex(repository, async (variables) => {
    await runGit({ directory, variables, arguments: ['read-tree', commit] });
    const lines = paths.map((path) => `0 ${'0'.repeat(base.length)}\t${path}\0`).join('');
    const kept = await runGit({ directory, arguments: ['ls-tree', '-r', '-z', '--full-tree', base] });
    const wanted = new Set(paths);
    const back = kept.output
      .toString('latin1')
      .split('\0')
      .filter((line) => wanted.has(line.slice(line.indexOf('\t') + 1)));
    const entries = back.map((line) => `${line.replace(/^(\d+) \w+ /, '$1 ')}\0`).join('');
    await runGit({
      directory,
      variables,
      arguments: ['update-index', '-z', '--index-info'],
      stdin: Buffer.from(lines + entries, 'latin1'),
    });
    const tree = await readGit({ directory, variables, arguments: ['write-tree'] });
    return createCommit(repository, { tree, parents: [base], message: 'Workspace' });
  });
}

async function* packCommit(
  { directory }: Repository,
  { commit, previous, shallow = [] }: SnapshotToSend,
): AsyncGenerator<Buffer, void, undefined> {
  const parameters = ['pack-objects', '--revs', '--stdout', '--thin', '--delta-base-offset', '-q'];
  // A first pack goes over a fast line once: searching for deltas costs more than it saves (`pitfalls.md` 8).
  const settings = previous === undefined ? ['-c', 'pack.window=0', '-c', 'pack.compression=1'] : [];
  const child = spawn('git', [...settings, ...parameters], { cwd: directory, stdio: ['pipe', 'pipe', 'ignore'] });
  const closed = onceEvent(child, 'close') as Promise<[number | null]>;
  child.stdin.on('error', () => {});
  child.stdin.end(
    [
      ...shallow.map((boundary) => `--shallow ${boundary}`),
      commit,
      ...(previous === undefined ? [] : [`^${previous}`]),
      '',
    ].join('\n'),
  );
  try {
    for await (const piece of child.stdout) yield piece as Buffer;
    const [code] = await closed;
    if (code === 0) return;
    throw new RecacError('RECAC_WORKSPACE_GIT_FAILED', `git pack-objects failed with exit code ${code}. See git fsck.`);
  } finally {
    child.kill();
  }
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
  const command = ['/bin/sh', '-c', script, 'recac', environment.workspacePath, ...parameters, ...given];
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
  if (result.exitCode === gitExit.inTheWay) {
    const message = `files of ${sessionId} are in the way: ${said}. Nothing was changed there; bring its work here first, with recac pull ${sessionId}.`;
    return new RecacError('RECAC_WORKSPACE_CONFLICT', message, { details });
  }
  const message = `git failed in ${workspacePath} of ${sessionId}: ${said}. Look at it with recac shell ${sessionId}.`;
  return new RecacError('RECAC_WORKSPACE_GIT_FAILED', message, { details });
}
