import type { Buffer } from 'node:buffer';
import type { ExecHandle, ExecOptions, ExecResult } from '@recac/engine-core';
import { collectOutput } from './collect-output.ts';
import { feedStdin } from './feed-stdin.ts';

/** Bytes of each stream that `exec` keeps unless told otherwise. */
const defaultMaxOutputBytes = 16 * 1_048_576;

/** Feeds and reads a started command until it has ended, and puts the result together. A command that is lost keeps the output that was read. Disposes the handle. */
export async function runToEnd(started: ExecHandle, options: ExecOptions): Promise<ExecResult> {
  await using handle = started;
  options.onStarted?.(handle);
  const limitBytes = options.maxOutputBytes ?? defaultMaxOutputBytes;
  let failure: unknown;
  const failed = async (error: unknown): Promise<void> => {
    failure ??= error;
    await handle.cancel();
  };
  const collect = async (stream: AsyncIterable<Uint8Array>, onChunk: ExecOptions['onStdout']): Promise<Buffer> => {
    const { data, error } = await collectOutput(stream, { limitBytes, onChunk });
    if (error !== undefined) await failed(error);
    return data;
  };
  const [stdoutData, stderrData] = await Promise.all([
    collect(handle.stdout, options.onStdout),
    collect(handle.stderr, options.onStderr),
    options.stdin === undefined ? undefined : feedStdin(handle, options.stdin).catch(failed),
  ]);
  const end = await handle.wait();
  if (failure !== undefined && end.outcome.type !== 'lost') throw failure;
  return {
    ...end,
    stdout: stdoutData.toString('utf8'),
    stderr: stderrData.toString('utf8'),
    stdoutData,
    stderrData,
    truncated: stdoutData.length < end.stdoutBytes || stderrData.length < end.stderrBytes || end.droppedBytes > 0,
  };
}
