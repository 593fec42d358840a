import { RecacError } from '@recac/engine-core';

/** Cleans up after a failed start. Gives the start's error; when the clean-up fails as well, with what that says in `details.cleanup`. */
export async function withCleanup(error: unknown, cleanUp: () => Promise<void>): Promise<unknown> {
  try {
    await cleanUp();
    return error;
  } catch (problem) {
    if (!RecacError.isInstance(error)) return error;
    const { code, message, cause, details } = error;
    return new RecacError(code, message, { cause, details: { ...details, cleanup: (problem as Error).message } });
  }
}
