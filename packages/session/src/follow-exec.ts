import type { ContainerEngine, ExecEnd, ExecInfo } from '@recac/engine-core';

/** Options of {@link followExec} and {@link readExec}. */
export interface FollowOptions {
  /** First byte of stdout. Default: 0. */
  readonly fromStdoutByte?: number;
  /** First byte of stderr. Default: 0. */
  readonly fromStderrByte?: number;
  /** Called with each piece of stdout; a returned promise holds back the next piece. */
  readonly onStdout?: (chunk: Uint8Array) => void | Promise<void>;
  /** Called with each piece of stderr. */
  readonly onStderr?: (chunk: Uint8Array) => void | Promise<void>;
  /** Stops following; the command is left alone. */
  readonly signal?: AbortSignal;
}

type Listener = FollowOptions['onStdout'];

/**
 * Replays what a command wrote, goes on live, and gives its end. Any process may follow any command; nothing here ends it.
 * Errors: those of `attachExec`, what a listener throws, and `RECAC_ABORTED` when the signal fires.
 */
export async function followExec(
  engine: ContainerEngine,
  environmentId: string,
  execId: string,
  options: FollowOptions = {},
): Promise<ExecEnd> {
  const { onStdout, onStderr, ...attachOptions } = options;
  await using handle = await engine.attachExec(environmentId, execId, attachOptions);
  const [end] = await Promise.all([handle.wait(), copy(handle.stdout, onStdout), copy(handle.stderr, onStderr)]);
  return end;
}

/** Gives what a command has recorded up to now, and does not wait for more. Errors: as {@link followExec}. */
export async function readExec(
  engine: ContainerEngine,
  environmentId: string,
  exec: ExecInfo,
  options: FollowOptions = {},
): Promise<void> {
  const { onStdout, onStderr, ...attachOptions } = options;
  await using handle = await engine.attachExec(environmentId, exec.execId, attachOptions);
  const stdoutBytes = exec.stdoutBytes - (options.fromStdoutByte ?? 0);
  const stderrBytes = exec.stderrBytes - (options.fromStderrByte ?? 0);
  await Promise.all([copy(handle.stdout, onStdout, stdoutBytes), copy(handle.stderr, onStderr, stderrBytes)]);
}

async function copy(
  stream: AsyncIterable<Uint8Array>,
  listener: Listener,
  limit = Number.POSITIVE_INFINITY,
): Promise<void> {
  let left = limit;
  if (left <= 0) return;
  for await (const chunk of stream) {
    await listener?.(chunk.subarray(0, left));
    left -= chunk.length;
    if (left <= 0) return;
  }
}
