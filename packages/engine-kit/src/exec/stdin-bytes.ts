import { Buffer } from 'node:buffer';
import { isUint8Array } from 'node:util/types';
import { type ExecOptions, invalidArgument } from '@recac/engine-core';

/** The bytes of a piece of stdin: text as UTF-8, bytes as they are. Errors: `RECAC_INVALID_ARGUMENT`, field `stdin`, for anything else, of which bytes would be made up. */
export function toStdinBytes(piece: unknown): Uint8Array {
  if (typeof piece === 'string') return Buffer.from(piece, 'utf8');
  if (isUint8Array(piece)) return piece;
  throw invalidArgument(
    'stdin',
    'takes text and bytes',
    'Give strings or Uint8Arrays, and turn other values into these.',
  );
}

/** Refuses what cannot be the whole stdin of a command. Errors: `RECAC_INVALID_ARGUMENT`, field `stdin`. */
export function checkStdin(stdin: ExecOptions['stdin']): void {
  if (
    stdin === undefined ||
    typeof (stdin as Partial<AsyncIterable<unknown>> | null)?.[Symbol.asyncIterator] === 'function'
  )
    return;
  toStdinBytes(stdin);
}
