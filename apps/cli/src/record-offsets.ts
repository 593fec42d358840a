import { type ContainerEngine, type ExecInfo, invalidArgument } from '@recac/engine-core';
import { type FollowOptions, findTailOffset } from '@recac/session';
import type { RecordOptions } from './options/record-options.ts';

/** Where to begin reading each stream. */
export type RecordOffsets = Pick<FollowOptions, 'fromStdoutByte' | 'fromStderrByte'>;

/** Checks `--since-byte` and `--tail` before anything is asked. Errors: `RECAC_INVALID_ARGUMENT` naming the flag. */
export function validateRecordOptions(options: RecordOptions): void {
  parseOffsets(options.sinceByte);
  parseLines(options.tail);
}

/** The offsets that `--since-byte` or `--tail` mean for a command; 0 without them. */
export async function findRecordOffsets(
  engine: ContainerEngine,
  environmentId: string,
  exec: ExecInfo,
  options: RecordOptions,
): Promise<RecordOffsets> {
  const lines = parseLines(options.tail);
  if (lines === undefined) return parseOffsets(options.sinceByte);
  const query = { environmentId, exec, lines };
  return {
    fromStdoutByte: await findTailOffset(engine, { ...query, stream: 'stdout' }),
    fromStderrByte: await findTailOffset(engine, { ...query, stream: 'stderr' }),
  };
}

function parseOffsets(text: string | undefined): RecordOffsets {
  if (text === undefined) return {};
  const match = /^(\d{1,15})(?:,(\d{1,15}))?$/.exec(text);
  if (match === null)
    throw invalidArgument(
      '--since-byte',
      'must be a number of bytes, or two as N,M',
      'Write for example --since-byte 4096.',
    );
  return { fromStdoutByte: Number(match[1]), fromStderrByte: Number(match[2] ?? match[1]) };
}

function parseLines(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw invalidArgument('--tail', 'must be a number of lines', 'Write for example --tail 100.');
  return Number(text);
}
