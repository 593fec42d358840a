import type {
  Command,
  ContainerEngine,
  ExecEnd,
  ExecHandle,
  ExecOptions,
  ExecResult,
  TerminalSize,
} from '@recac/engine-core';
import { feedStdin } from './feed-stdin.ts';
import { createOutputCapture, type OutputCapture } from './output-capture.ts';

/** Options of {@link runCommand} and `Session.run`. */
export interface RunOptions extends ExecOptions {
  /** Runs in a terminal of this size; everything arrives on stdout then. Needs `capabilities.terminal`. */
  readonly terminal?: TerminalSize;
  /** Called with the handle once the command runs, for signals, resizing or its exec id. The handle is not the caller's to dispose. */
  readonly onStarted?: (handle: ExecHandle) => void;
}

const defaultMaxOutputBytes = 16 * 1024 * 1024;

/**
 * Runs a command durably to its end, as `ContainerEngine.exec` does, and tells its exec id and handle on the way. Until it has ended, any other
 * process may attach to it. Errors: those of `spawn`; whatever `onStdout`, `onStderr` or the stdin source throws, after the command was cancelled.
 */
export async function runCommand(
  engine: ContainerEngine,
  environmentId: string,
  command: Command,
  options: RunOptions = {},
): Promise<ExecResult> {
  const { stdin, maxOutputBytes = defaultMaxOutputBytes, onStdout, onStderr, onStarted, ...spawnOptions } = options;
  await using handle = await engine.spawn(environmentId, command, {
    ...spawnOptions,
    stdin: stdin === undefined ? 'empty' : 'pipe',
  });
  onStarted?.(handle);
  const stdout = createOutputCapture(maxOutputBytes);
  const stderr = createOutputCapture(maxOutputBytes);
  const reading = [drain(handle.stdout, stdout, onStdout), drain(handle.stderr, stderr, onStderr)];
  const finished = Promise.all([handle.wait(), ...reading]);
  const [end] = await (stdin === undefined
    ? finished
    : Promise.race([finished, untilFailure(feedStdin(handle, stdin))]));
  return toResult(end, stdout.bytes(), stderr.bytes());
}

async function drain(
  stream: AsyncIterable<Uint8Array>,
  capture: OutputCapture,
  listener: ((chunk: Uint8Array) => void | Promise<void>) | undefined,
): Promise<void> {
  for await (const chunk of stream) {
    capture.add(chunk);
    await listener?.(chunk);
  }
}

function untilFailure(work: Promise<void>): Promise<never> {
  return new Promise((_, reject) => {
    work.catch(reject);
  });
}

function toResult(end: ExecEnd, stdoutData: Uint8Array, stderrData: Uint8Array): ExecResult {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    ...end,
    stdoutData,
    stderrData,
    stdout: decoder.decode(stdoutData),
    stderr: decoder.decode(stderrData),
    truncated: stdoutData.length < end.stdoutBytes || stderrData.length < end.stderrBytes,
  };
}
