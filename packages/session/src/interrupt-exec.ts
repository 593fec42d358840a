import { setTimeout as delay } from 'node:timers/promises';
import type { ExecEnd, ExecHandle } from '@recac/engine-core';

/** Options of {@link interruptExec}. */
export interface InterruptOptions {
  /** First signal, to the command's process group. Default: `SIGINT`. */
  readonly signalName?: string;
  /** How long the command may take to end by itself, in milliseconds. */
  readonly graceMs: number;
}

/**
 * Ends a command as Ctrl-C would: a signal to its process group, a time to end by itself, then `cancel`. Resolves with its end. Errors: those
 * of the handle.
 */
export async function interruptExec(
  handle: ExecHandle,
  { signalName = 'SIGINT', graceMs }: InterruptOptions,
): Promise<ExecEnd> {
  const timer = new AbortController();
  const ended = handle.wait();
  try {
    await handle.signal(signalName);
    const isOver = await Promise.race([ended.then(() => true), delay(graceMs, false, { signal: timer.signal })]);
    if (!isOver) await handle.cancel();
    return await ended;
  } finally {
    timer.abort();
  }
}
