import { RecacError } from '@recac/engine-core';

/** One step of a clean-up. */
export type CleanupStep = () => Promise<unknown>;

/** Runs every step in order, also after one failed, and gives the errors. */
export async function runCleanup(steps: readonly CleanupStep[]): Promise<readonly unknown[]> {
  const errors: unknown[] = [];
  for (const step of steps) await step().catch((error: unknown) => errors.push(error));
  return errors;
}

/** The error to throw when clean-up errors came after (or without) a first one: the first wins, the others go into `details.cleanup`, after what the engine says there. */
export function joinErrors(errors: readonly unknown[]): unknown {
  const [first, ...others] = errors;
  if (others.length === 0) return first;
  const cleanup = others.map(toPlainError);
  if (!RecacError.isInstance(first)) {
    return new RecacError('RECAC_INTERNAL', toPlainError(first).message, { cause: first, details: { cleanup } });
  }
  const { cleanup: told } = first.details;
  const before = told === undefined ? [] : Array.isArray(told) ? told : [toPlainError(told)];
  return new RecacError(first.code, first.message, {
    cause: first.cause,
    details: { ...first.details, cleanup: [...before, ...cleanup] },
  });
}

function toPlainError(error: unknown): { readonly code: string; readonly message: string } {
  const message = error instanceof Error ? error.message : String(error);
  return { code: RecacError.isInstance(error) ? error.code : 'RECAC_INTERNAL', message };
}
