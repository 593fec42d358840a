import { invalidArgument, type TerminalSize } from '@recac/engine-core';

/** Refuses a size that no terminal can have. Errors: `RECAC_INVALID_ARGUMENT`. */
export function checkTerminalSize(size: TerminalSize, field: string): void {
  for (const name of ['columns', 'rows'] as const) {
    const value: unknown = size?.[name];
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535) continue;
    throw invalidArgument(
      `${field}.${name}`,
      'must be a whole number from 1 to 65535',
      'Give the size in character cells, such as 80 columns and 24 rows.',
    );
  }
}
