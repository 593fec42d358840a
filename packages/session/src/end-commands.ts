import { type CallOptions, type ContainerEngine, type Environment, RecacError } from '@recac/engine-core';
import { isScriptCommand } from '@recac/workspace-sync';

/** How to end them. */
export interface EndCommandsOptions extends CallOptions {
  /** Time between SIGTERM and SIGKILL, in milliseconds. Default: 5 000. */
  readonly killGraceMs?: number;
}

/** Node's timers fire at once beyond it. */
const longestTimerMs = 2 ** 31 - 1;

/** How long a line that breaks may hold up a stop beyond the grace, in milliseconds. */
const patienceMs = 15_000;

/**
 * Ends the commands that still run in a session, by SIGTERM first, before its work is brought back: an agent can save what it has, and nothing is written that nobody brings back.
 * Terminals, which have no record, and our own transfers, which end by themselves, are left alone. Errors: those of `listExecs` and of handles; `RECAC_EXEC_FAILED` for what does not
 * end in time.
 */
export async function endCommands(
  engine: ContainerEngine,
  { id }: Environment,
  { killGraceMs = 5_000, ...call }: EndCommandsOptions,
): Promise<void> {
  if (!engine.capabilities.durableExec) return;
  const running = (await engine.listExecs(id, call)).filter(
    ({ state, command }) => state === 'running' && !isScriptCommand(command),
  );
  if (running.length === 0) return;
  const ending = running.map(async ({ execId }) => {
    await using handle = await engine.attachExec(id, execId, { ...call, killGraceMs });
    await handle.cancel();
    const { outcome } = await handle.wait();
    if (outcome.type === 'lost') throw new RecacError('RECAC_EXEC_FAILED', `${execId} was lost: ${outcome.reason}.`);
  });
  const all = await inTime(Promise.allSettled(ending), Math.min(killGraceMs + patienceMs, longestTimerMs), call);
  const failed = all.find((one) => one.status === 'rejected' && !isGone(one.reason));
  if (failed?.status === 'rejected') throw failed.reason;
}

/** It has ended by itself, and its owner has taken its record. */
function isGone(error: unknown): boolean {
  return RecacError.isInstance(error) && error.code === 'RECAC_EXEC_NOT_FOUND';
}

async function inTime<T>(work: Promise<T>, limitMs: number, { signal }: CallOptions): Promise<T> {
  const over = Promise.withResolvers<never>();
  const giveUp = (): void =>
    over.reject(new RecacError('RECAC_EXEC_FAILED', `it did not end within ${Math.ceil(limitMs / 1_000)} s.`));
  const timer = setTimeout(giveUp, limitMs);
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
    work.catch(() => {});
  }
}
