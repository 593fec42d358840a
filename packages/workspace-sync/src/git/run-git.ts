import { isUtf8 } from 'node:buffer';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { abortedError, RecacError } from '@recac/engine-core';

/** One call of git on this machine. */
export interface GitCall {
  /** Directory that it runs in. */
  readonly directory: string;
  /** Arguments after those that make it safe; values of others stand after `--` or are checked object names. */
  readonly arguments: readonly string[];
  /** Variables besides the ones that make it safe, such as `GIT_INDEX_FILE`. Default: none. */
  readonly variables?: Readonly<Record<string, string>>;
  /** What it reads. Default: nothing. */
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Exit codes besides 0 that are an answer. Default: none. */
  readonly answers?: readonly number[];
  /** Most that it may say. Default: 268 435 456; whoever asks for the content of files bounds that otherwise. */
  readonly maximumOutputBytes?: number;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/** What git said. */
export interface GitAnswer {
  /** Its exit code: 0 or one of the expected ones. */
  readonly code: number;
  /** Its stdout. */
  readonly output: Buffer;
}

/**
 * What no call may do: run hooks, filters of the file system monitor, helpers, pagers or signing programs that the repository names, ask for anything, use a network
 * protocol, go into submodules or take files of a working tree for a repository. A repository is not trusted: an agent may have written to it (CVE-2022-39253, CVE-2024-32002, CVE-2025-48384).
 */
const safeSettings = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.pager=cat',
  'core.askPass=',
  'credential.helper=',
  'protocol.allow=never',
  'submodule.recurse=false',
  'safe.bareRepository=explicit',
  'commit.gpgSign=false',
  'gpg.program=false',
  'gpg.openpgp.program=false',
  'gpg.x509.program=false',
  'gpg.ssh.program=false',
  'gpg.ssh.defaultKeyCommand=false',
  'diff.submodule=short',
  'log.showSignature=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'fetch.fsckObjects=true',
  'transfer.fsckObjects=true',
  'advice.addEmbeddedRepo=false',
];

/** Runs git, never by a shell. Errors: `RECAC_WORKSPACE_GIT_FAILED` with its last words, or when it says more than it may, `RECAC_WORKSPACE_UNAVAILABLE` without git, `RECAC_ABORTED`. */
export async function runGit(call: GitCall): Promise<GitAnswer> {
  return start(call, await addSettings(call));
}

/** The text that git prints, without the newline at its end. Errors: as {@link runGit}. */
export async function readGit(call: GitCall): Promise<string> {
  return (await runGit(call)).output.toString().replace(/\n$/, '');
}

/** What git prints, as it comes; whoever stops reading ends it. Errors: as {@link runGit}. */
export async function* streamGit(call: GitCall): AsyncGenerator<Uint8Array, void, undefined> {
  const { child, end } = begin(call, await addSettings(call));
  try {
    for await (const piece of child.stdout) yield piece as Buffer;
    await end;
  } catch (error) {
    throw toGitError(error, call);
  } finally {
    child.kill();
  }
}

async function addSettings({ signal, directory, arguments: own }: GitCall): Promise<readonly string[]> {
  if (signal?.aborted) throw abortedError('git', signal.reason);
  return [...[...safeSettings, ...(await findPrograms(directory))].flatMap((setting) => ['-c', setting]), ...own];
}

async function start(call: GitCall, all: readonly string[]): Promise<GitAnswer> {
  const { child, end } = begin(call, all);
  const output: Buffer[] = [];
  const flood = Promise.withResolvers<never>();
  const { maximumOutputBytes: maximumBytes = defaultMaximumBytes } = call;
  let bytes = 0;
  child.stdout.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes <= maximumBytes) output.push(piece);
    else flood.reject(tooMuch(call));
  });
  try {
    return { code: await Promise.race([end, flood.promise]), output: Buffer.concat(output) };
  } catch (error) {
    child.kill();
    throw toGitError(error, call);
  }
}

/** Enough for a million files; a tree that names another one many times, and that so on, is small and holds any number of paths. */
const defaultMaximumBytes = 256 * 1_048_576;

interface RunningGit {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Its exit code, an expected one. */
  readonly end: Promise<number>;
}

function begin(call: GitCall, all: readonly string[]): RunningGit {
  const { signal, directory, answers = [] } = call;
  const child = spawn('git', [...all], {
    cwd: directory,
    env: { ...safeVariables(), ...call.variables },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
  });
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  let said = '';
  child.stderr.on('data', (piece: Buffer) => {
    said = (said + piece.toString()).slice(-4_096);
  });
  child.stdin.on('error', () => {});
  const closed = once(child, 'close') as Promise<[number | null]>;
  const fed = feed(child.stdin, call.stdin);
  const ended = closed.then(async ([code]) => {
    if (code !== 0 && (code === null || !answers.includes(code))) throw gitFailed(call, code, said);
    await fed;
    return code;
  });
  const end = Promise.race([ended, failed, fed.then(() => ended)]);
  for (const promise of [fed, failed, ended, end]) promise.catch(() => {});
  return { child, end };
}

/** Gives git what it reads; where git reads no more, the source is left, which may have no end. */
async function feed(stdin: NodeJS.WritableStream, source: GitCall['stdin']): Promise<void> {
  if (source === undefined || typeof source === 'string' || source instanceof Uint8Array) {
    stdin.end(source ?? '');
    return;
  }
  try {
    for await (const piece of source) {
      if (piece.length === 0) continue;
      if (!stdin.writable) break;
      // What git says of its end goes before the error of a line that it does not read.
      if (!stdin.write(piece)) await Promise.race([once(stdin, 'drain'), once(stdin, 'close')]).catch(() => {});
    }
  } finally {
    stdin.end();
  }
}

/** The process' variables without git's own: a hook that calls recac must not lead it elsewhere. */
function safeVariables(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  return {
    ...Object.fromEntries(own),
    GIT_TERMINAL_PROMPT: '0',
    // No protocol, whatever a repository allows; a missing object would else be fetched by the one that it names (git 2.45 and later do not try).
    GIT_ALLOW_PROTOCOL: '',
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_PAGER: 'cat',
    GIT_EDITOR: 'true',
    LC_ALL: 'C.UTF-8',
    GIT_AUTHOR_NAME: 'recac',
    GIT_AUTHOR_EMAIL: 'recac@localhost',
    GIT_COMMITTER_NAME: 'recac',
    GIT_COMMITTER_EMAIL: 'recac@localhost',
  };
}

const programs = new Map<string, Promise<readonly string[]>>();

/** Settings that take away the programs which a repository's own configuration names for filters, merges and diffs. */
function findPrograms(directory: string): Promise<readonly string[]> {
  let found = programs.get(directory);
  if (found === undefined) {
    found = readPrograms(directory);
    programs.set(directory, found);
    found.catch(() => programs.delete(directory));
  }
  return found;
}

const programSettings =
  /^(filter\..*\.(clean|smudge|process|required)|merge\..*\.driver|diff\..*\.(command|textconv)|diff\.external)$/s;

async function readPrograms(directory: string): Promise<readonly string[]> {
  // `--get-regexp` passes over names that are no text.
  const parameters = ['config', '--list', '--name-only', '-z'];
  const { output } = await start({ directory, arguments: [], answers: [1, 128] }, parameters);
  const listed = output.toString('latin1').split('\0');
  const names = [...new Set(listed.filter((name) => programSettings.test(name)))];
  return names.map((name) => `${checkName(name, directory)}=${toHarmless(name)}`);
}

/** `-c` ends a name at its first `=`, and arguments are text: what has another name cannot be taken away. */
function checkName(name: string, directory: string): string {
  const bytes = Buffer.from(name, 'latin1');
  if (isUtf8(bytes) && !name.includes('=')) return bytes.toString();
  const message = `the configuration of git in ${directory} names a program by ${JSON.stringify(bytes.toString())}, and recac could not keep git from running it. Give that another name, or use --sync upload.`;
  throw new RecacError('RECAC_WORKSPACE_GIT_FAILED', message);
}

/** The filters that the configuration of a repository, a user or this machine names a program for. Errors: `RECAC_WORKSPACE_UNAVAILABLE` without git. */
export async function listFilters(directory: string): Promise<readonly string[]> {
  const names = (await findPrograms(directory)).map(
    (setting) => /^filter\.(.*)\.(clean|process)=$/s.exec(setting)?.[1],
  );
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** A merge driver cannot be taken away, only replaced: by what git does without one. */
function toHarmless(name: string): string {
  if (name.endsWith('.required')) return 'false';
  return name.startsWith('merge.') ? 'git merge-file -q %A %O %B || exit 1' : '';
}

function findCommand({ arguments: own }: GitCall): string {
  return own.find((argument, at) => !argument.startsWith('-') && own[at - 1] !== '-c') ?? '';
}

function gitFailed(call: GitCall, code: number | null, said: string): RecacError {
  const cause = said.lastIndexOf('fatal: ');
  const lines = cause === -1 ? said.trim().split('\n').slice(-3) : said.slice(cause).split('\n');
  const words = lines.join(' ').replace(/\s+/g, ' ').trim().slice(0, 500);
  const command = findCommand(call);
  const message = `git ${command} failed in ${call.directory}: ${words || `exit code ${code}`}. Correct that and try again.`;
  return new RecacError('RECAC_WORKSPACE_GIT_FAILED', message, { details: { command, exitCode: code } });
}

function tooMuch(call: GitCall): RecacError {
  const command = findCommand(call);
  const message = `git ${command} in ${call.directory} says more than 256 MiB, which recac does not keep. Move what is so large out of the workspace.`;
  return new RecacError('RECAC_WORKSPACE_GIT_FAILED', message, { details: { command } });
}

function toGitError(error: unknown, { signal }: GitCall): unknown {
  if (signal?.aborted) return abortedError('git', signal.reason);
  if (RecacError.isInstance(error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOENT') return error;
  const message = 'git is not installed on this machine. Install it, or use --sync upload.';
  return new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { cause: error });
}
