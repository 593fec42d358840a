import { Buffer } from 'node:buffer';
import type { ExecHandle, ExecOptions, ExecResult } from '@recac/engine-core';
import { collectOutput } from './collect-output.ts';
import { feedStdin } from './feed-stdin.ts';

/** Bytes of each stream that `exec` keeps unless told otherwise. */
const defaultMaxOutputBytes = 16 * 1_048_576;

/** Feeds and reads a started command until it has ended, and puts the result together. Disposes the handle. */
export async function runToEnd(started: ExecHandle, options: ExecOptions): Promise<ExecResult> {
  await using handle = started;
  options.onStarted?.(handle);
  const limitBytes = options.maxOutputBytes ?? defaultMaxOutputBytes;
  let failure: unknown;
  const failed = async (error: unknown): Promise<Buffer> => {
    failure ??= error;
    await handle.cancel();
    return Buffer.alloc(0);
  };
  const [stdoutData, stderrData] = await Promise.all([
    collectOutput(handle.stdout, { limitBytes, onChunk: options.onStdout }).catch(failed),
    collectOutput(handle.stderr, { limitBytes, onChunk: options.onStderr }).catch(failed),
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
