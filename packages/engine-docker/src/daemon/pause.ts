import { once } from 'node:events';

/** Resolves after this many milliseconds, or as soon as the signal fires. Keeps no process alive. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), milliseconds).unref();
  await once(signal, 'abort', { signal: over.signal }).catch(() => {});
  clearTimeout(timer);
}
