import { type ChildProcess, spawn } from 'node:child_process';
import { PassThrough, type Readable } from 'node:stream';
import { RecacError } from '@recac/engine-core';
import type { RawExit, RawProcess } from '@recac/engine-kit';
import { kill } from './process-table.ts';

/** What to start. */
export interface LocalProcessSpec {
  /** Program and arguments. */
  readonly argv: readonly string[];
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Working directory. */
  readonly workingDirectory: string;
  /** Other user to become. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** A started process. */
export interface LocalProcess extends RawProcess {
  /** Its id and that of its group; undefined when the program could not be run. */
  readonly pid?: number;
}

/** What is wrong with the program or its arguments, and not with the machine. */
const unrunnable = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'E2BIG', 'ELOOP', 'ENAMETOOLONG']);

/** Starts a child process in its own session, so that it outlives us. */
export function startProcess(spec: LocalProcessSpec): Promise<LocalProcess> {
  const [program = '', ...parameters] = spec.argv;
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      if (error.code !== undefined && unrunnable.has(error.code)) resolve(cannotRun(program, error.code));
      else
        reject(
          new RecacError(
            'RECAC_EXEC_FAILED',
            `a process could not be started (${error.code ?? error.message}). Check the limits of this machine.`,
            { cause: error },
          ),
        );
    };
    // Most failures Node throws; what it takes for usual it tells later.
    try {
      const child = spawn(program, parameters, {
        cwd: spec.workingDirectory,
        env: spec.environment,
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
        ...(spec.user ?? {}),
      });
      child.once('spawn', () => resolve(toRawProcess(child)));
      child.once('error', fail);
    } catch (error) {
      fail(error as NodeJS.ErrnoException);
    }
  });
}

/** Starts a process that nobody talks to and that outlives us. */
export function startUnattended(spec: LocalProcessSpec): Promise<void> {
  const [program = '', ...parameters] = spec.argv;
  const child = spawn(program, parameters, {
    cwd: spec.workingDirectory,
    env: spec.environment,
    stdio: 'ignore',
    detached: true,
  });
  child.unref();
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => {
      reject(
        new RecacError(
          'RECAC_ENVIRONMENT_START_FAILED',
          `${program} could not be started. Check that it is installed.`,
          { cause },
        ),
      );
    });
  });
}

function toRawProcess(child: ChildProcess): LocalProcess {
  const { stdin, stdout, stderr, pid } = child;
  if (!stdin || !stdout || !stderr || pid === undefined)
    throw new RecacError('RECAC_INTERNAL', 'a child process has no streams. Report this.');
  keepUnread(stdout);
  keepUnread(stderr);
  const exited = new Promise<RawExit>((resolve) => {
    child.once('exit', (code, signal) =>
      resolve(signal === null ? { type: 'exited', code: code ?? 0 } : { type: 'signaled', signal }),
    );
  });
  return {
    pid,
    stdin,
    stdout,
    stderr,
    exited,
    signal: (signal) => void kill(-pid, signal as NodeJS.Signals),
    resize: async () => {},
    close: () => {
      for (const stream of [stdin, stdout, stderr]) stream.destroy();
      child.unref();
    },
  };
}

/** Node throws away what nobody has begun to read when the child exits (`flushStdio` in child_process); a listener keeps it. */
function keepUnread(stream: Readable): void {
  stream.on('readable', () => {});
}

/** A program that cannot be run is a result, as in a shell: 127 not found, 126 not executable. */
function cannotRun(program: string, reason: string): RawProcess {
  const empty = (text: string): PassThrough => {
    const stream = new PassThrough();
    stream.end(text);
    return stream;
  };
  const isMissing = reason === 'ENOENT' || reason === 'ENOTDIR';
  const [code, text] = isMissing ? [127, 'not found'] : [126, 'cannot be run'];
  return {
    stdin: new PassThrough().resume(),
    stdout: empty(''),
    stderr: empty(`${program}: ${text}\n`),
    exited: Promise.resolve({ type: 'exited', code }),
    signal: () => {},
    resize: async () => {},
    close: () => {},
  };
}
