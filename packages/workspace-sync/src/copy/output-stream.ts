import type { Command, ContainerEngine, ExecOptions, ExecResult } from '@recac/engine-core';

/** A command whose stdout is read as it comes. */
export interface OutputStream {
  /** Its stdout. It waits for its reader; a reader that stops early ends the command. One reader. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Its end. */
  readonly result: Promise<ExecResult>;
}

/** Runs a command for its stdout, of any length; nothing of it is kept. Errors of `exec` come from both. */
export function streamOutput(
  engine: ContainerEngine,
  environmentId: string,
  command: Command,
  options: Pick<ExecOptions, 'signal' | 'stdin' | 'user' | 'workingDirectory'> = {},
): OutputStream {
  const stopped = new AbortController();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  writer.closed.catch(() => {});
  const signal = options.signal === undefined ? stopped.signal : AbortSignal.any([options.signal, stopped.signal]);
  const stderr: Uint8Array[] = [];
  const result = engine
    .exec(environmentId, command, {
      ...options,
      signal,
      maxOutputBytes: 0,
      onStdout: async (chunk) => {
        await writer.write(Uint8Array.from(chunk)).catch(() => stopped.abort());
      },
      onStderr: (chunk) => keepTail(stderr, chunk),
    })
    .then((ended) => ({ ...ended, stderr: Buffer.concat(stderr).toString() }));
  result.then(
    () => writer.close().catch(() => {}),
    (error: unknown) => writer.abort(error),
  );
  result.catch(() => {});
  return { output: readable, result };
}

/** Keeps the last pieces of an output. */
export function keepTail(pieces: Uint8Array[], chunk: Uint8Array): void {
  pieces.push(Uint8Array.from(chunk));
  if (pieces.length > 64) pieces.shift();
}
