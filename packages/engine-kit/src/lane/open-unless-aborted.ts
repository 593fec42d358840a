import { orAborted } from '../or-aborted.ts';

/** Waits for something that is being opened. Opening goes on when the signal fires; what comes of it is closed. Errors: those of the opening, `RECAC_ABORTED`. */
export async function openUnlessAborted<T extends { close(): void }>(
  opening: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return await orAborted(opening, signal, 'the command');
  } catch (error) {
    if (signal?.aborted) opening.then((opened) => opened.close()).catch(() => {});
    throw error;
  }
}
