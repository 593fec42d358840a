import type { Command, ContainerEngine, ExecOptions, ExecResult } from '@recac/engine-core';
import { keepTail } from './copy/output-stream.ts';

/** Runs a command whose stdout is told piece by piece and not kept; of its stderr the end is. Errors: those of `exec`. */
export async function runForPieces(
  engine: ContainerEngine,
  environmentId: string,
  command: Command,
  options: Pick<ExecOptions, 'signal' | 'stdin' | 'lostStdin' | 'workingDirectory' | 'onStdout'>,
): Promise<ExecResult> {
  const stderr: Uint8Array[] = [];
  const onStderr = (piece: Uint8Array): void => keepTail(stderr, piece);
  const result = await engine.exec(environmentId, command, { ...options, maxOutputBytes: 0, onStderr });
  return { ...result, stderr: Buffer.concat(stderr).toString() };
}
