import { invalidArgument } from '@recac/engine-core';

/** Text for the body of an exec, which is JSON. `field` names it. Errors: `RECAC_INVALID_ARGUMENT` for bytes that are not UTF-8, and would become others. */
export function toExecText(value: string | Uint8Array, field: string): string {
  if (typeof value === 'string') return value;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    throw invalidArgument(
      field,
      'has bytes that are not UTF-8, which the daemon cannot be told for a terminal',
      'Run the command without a terminal, or read the bytes from a file of the workspace.',
    );
  }
}
