import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { parse } from 'node:path';
import process from 'node:process';
import { Duplex } from 'node:stream';
import type { DaemonTarget } from './parse-host.ts';

/** A daemon on another machine. */
export type SshTarget = Extract<DaemonTarget, { readonly scheme: 'ssh' }>;

const keptStderr = 2_048;
const killAfterMs = 2_000;
const stderrWaitMs = 200;

/** The command that connects to a daemon on another machine: the docker command's own, which also notices within a minute that the other side is gone. */
export function toSshArgv({ host, user, port, socketPath }: SshTarget): readonly string[] {
  const login = user === undefined ? [] : ['-l', user];
  const at = port === undefined ? [] : ['-p', String(port)];
  const on = socketPath === undefined ? [] : ['--host', `unix://${socketPath}`];
  return [
    'ssh',
    '-o',
    'ConnectTimeout=30',
    '-o',
    'ServerAliveInterval=15',
    '-T',
    ...login,
    ...at,
    '--',
    host,
    'docker',
    ...on,
    'system',
    'dial-stdio',
  ];
}

/**
 * One connection to a daemon through `ssh`. Ending it ends the input of the other side, destroying it ends the process. When ssh fails, the error has
 * what it said.
 */
export class SshStream extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;
  #stderr = '';
  #exited = false;

  constructor(target: SshTarget) {
    super({ allowHalfOpen: false });
    const [program, ...args] = toSshArgv(target) as [string, ...string[]];
    // In a session of its own: it can ask nothing at the terminal, and an interrupt there does not cut it. From the root directory: PATH may have relative entries.
    this.#child = spawn(program, args, { detached: true, cwd: parse(process.execPath).root, stdio: 'pipe' });
    const { stdin, stdout, stderr } = this.#child;
    stdin.on('error', () => {});
    stdout.on('error', (error) => this.destroy(error));
    stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) stdout.pause();
    });
    stdout.on('end', () => this.#onEnd());
    stderr.on('error', () => {});
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-keptStderr);
    });
    this.#child.on('error', (error) => this.destroy(sshMissing(error)));
    this.#child.on('exit', (code, signal) => this.#onExit(code, signal));
  }

  /** Calls back when the other side has said something, whoever reads it. */
  onFirstByte(callBack: () => void): void {
    this.#child.stdout.once('data', callBack);
  }

  /** Part of what `http` expects of a connection; pipes have none. */
  setKeepAlive(): this {
    return this;
  }

  /** Part of what `http` expects of a connection; pipes have none. */
  setNoDelay(): this {
    return this;
  }

  /** Part of what `http` expects of a connection; deadlines are the caller's. */
  setTimeout(): this {
    return this;
  }

  /** Keeps this process alive. */
  ref(): this {
    for (const part of this.#parts()) part.ref?.();
    return this;
  }

  /** Lets this process end. */
  unref(): this {
    for (const part of this.#parts()) part.unref?.();
    return this;
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, (error) => (error ? this.#onWriteError(error, done) : done()));
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#child.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { stdin, stdout, stderr } = this.#child;
    for (const stream of [stdin, stdout, stderr]) stream.destroy();
    this.#end();
    done(error);
  }

  #parts(): readonly { ref?(): void; unref?(): void }[] {
    const { stdin, stdout, stderr } = this.#child;
    return [this.#child, stdin, stdout, stderr] as unknown as readonly { ref?(): void; unref?(): void }[];
  }

  /** Why ssh ended says more than that it no longer reads, and destroys this stream in a moment. */
  #onWriteError(error: Error, done: (error?: Error | null) => void): void {
    const report = (): void => {
      if (this.#child.exitCode === 0) done(error);
    };
    if (this.#exited) report();
    else this.#child.once('exit', report);
  }

  /** An end counts when ssh ended well; otherwise this stream is about to fail with the reason. */
  #onEnd(): void {
    const report = (): void => {
      if (this.#child.exitCode === 0) this.push(null);
    };
    if (this.#exited) report();
    else this.#child.once('exit', report);
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    this.#exited = true;
    if (code === 0 || this.destroyed) return;
    const { stderr } = this.#child;
    const fail = (): void => {
      clearTimeout(timer);
      this.destroy(sshFailed(code ?? signal ?? 'unknown', this.#stderr));
    };
    // A master connection that ssh left in the background may hold stderr open.
    const timer = setTimeout(fail, stderrWaitMs);
    if (stderr.readableEnded) fail();
    else stderr.once('end', fail);
  }

  #end(): void {
    if (this.#exited || this.#child.pid === undefined) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), killAfterMs);
    timer.unref();
    this.#child.once('exit', () => clearTimeout(timer));
  }
}

function sshMissing(cause: NodeJS.ErrnoException): Error {
  return new Error(cause.code === 'ENOENT' ? 'ssh is not installed' : `ssh cannot be started (${cause.code})`, {
    cause,
  });
}

/** A server that had no place, or a line that broke, may have one, or hold, the next time. */
function sshFailed(status: number | string, stderr: string): Error {
  const passes = /kex_exchange_identification|ssh_exchange_identification|Connection (closed|reset) by/i.test(stderr);
  return Object.assign(new Error(`ssh ended with ${status}: ${stderr.trim() || 'it said nothing'}`), { passes });
}
