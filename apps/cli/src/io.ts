import { fstatSync } from 'node:fs';

/** Size of a terminal, in character cells. */
export interface WindowSize {
  /** Width, at least 1. */
  readonly columns: number;
  /** Height, at least 1. */
  readonly rows: number;
}

/** The standard streams of this process. No other file touches them. */
export interface Io {
  /** Writes to stdout; resolves when the reader has room again. Never rejects: see `stdoutClosed`. */
  writeStdout(data: string | Uint8Array): Promise<void>;
  /** Writes to stderr. Never rejects. */
  writeStderr(data: string | Uint8Array): Promise<void>;
  /** Fires when nobody reads stdout any more, or it cannot be written; the reason is the system's error. */
  readonly stdoutClosed: AbortSignal;
  /** Which streams are terminals. */
  isTerminal(stream: 'stdin' | 'stdout' | 'stderr'): boolean;
  /** What is wrong with stdin as an input; `undefined` when nothing is. */
  findStdinProblem(): string | undefined;
  /** Our stdin, in pieces. */
  readStdin(): AsyncIterable<Uint8Array>;
  /** Asks on stderr and reads the answer, one line of stdin; empty where stdin ends without one. Rejects with Node's `AbortError` when the signal fires. */
  ask(question: string, options: { readonly signal?: AbortSignal }): Promise<string>;
  /** Passes keys on one by one (`true`), or leaves them to the terminal's line editing. Only when stdin is a terminal. */
  setRawMode(isRaw: boolean): void;
  /** Size of the terminal on stdout; 80 by 24 where there is none or it does not know. */
  windowSize(): WindowSize;
  /** Width of the terminal on stderr; 80 where there is none or it does not know. */
  stderrColumns(): number;
  /** Calls the listener on every change of the size, until the returned function is called. */
  onResize(listener: () => void): () => void;
  /** Ends the process. */
  exit(code: number): never;
}

/** The real streams. Each is opened on its first use: opening all costs milliseconds. */
export function createIo(): Io {
  const closed = new AbortController();
  let isWatched = false;
  return {
    writeStdout(data) {
      if (!isWatched) process.stdout.on('error', (error) => closed.abort(error));
      isWatched = true;
      return closed.signal.aborted ? Promise.resolve() : write(process.stdout, data, (error) => closed.abort(error));
    },
    writeStderr(data) {
      if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => {});
      return write(process.stderr, data, () => {});
    },
    stdoutClosed: closed.signal,
    isTerminal: (stream) => process[stream].isTTY === true,
    findStdinProblem: () => (fstatSync(0).isDirectory() ? 'is a directory' : undefined),
    readStdin: () => process.stdin as AsyncIterable<Uint8Array>,
    async ask(question, options) {
      const { createInterface } = await import('node:readline/promises');
      // Not as a terminal: Ctrl-C stays a signal.
      using lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
      const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
      return await Promise.race([lines.question(question, options), ended]);
    },
    setRawMode(isRaw) {
      if (process.stdin.isTTY) process.stdin.setRawMode(isRaw);
    },
    windowSize: () => ({ columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 }),
    stderrColumns: () => process.stderr.columns || 80,
    onResize(listener) {
      process.stdout.on('resize', listener);
      return () => process.stdout.off('resize', listener);
    },
    exit: (code) => process.exit(code),
  };
}

function write(stream: NodeJS.WriteStream, data: string | Uint8Array, onError: (error: Error) => void): Promise<void> {
  return new Promise((resolve) => {
    stream.write(data, (error) => {
      if (error) onError(error);
      resolve();
    });
  });
}
