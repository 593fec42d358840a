import type { RecacError } from '@recac/engine-core';
import { delay } from '../deadline.ts';
import { type ExecAddress, toSegment } from '../lane/exec-address.ts';
import type { StartedCommand } from '../lane/exec-lane.ts';
import { parseExecRecord } from '../lane/exec-record.ts';
import type { LanePool } from '../lane/lane-pool.ts';

/** What became of a command whose lane broke before it could say that the command had started. */
export type SettledStart =
  /** It runs, or has run: its record can be followed. */
  | { readonly type: 'started'; readonly started: StartedCommand }
  /** The dispatcher refused it. */
  | { readonly type: 'refused'; readonly error: RecacError }
  /** The dispatcher says that it has not run, and it never will. */
  | { readonly type: 'never' }
  /** Nothing could be found out in time. */
  | { readonly type: 'unknown' };

/** A dispatcher sees the end of its line at once, once the line is known to be broken. */
const settleMs = 10_000;
const pauseMs = 50;

/** Asks the log over another line until it tells. Only what the dispatcher has written down counts: a log that is silent or gone proves nothing. */
export async function settleStart(pool: LanePool, address: ExecAddress): Promise<SettledStart> {
  const giveUpAt = performance.now() + settleMs;
  while (performance.now() < giveUpAt && !pool.closed) {
    const settled = await readLog(pool, address).catch(() => undefined);
    if (settled) return settled;
    await delay(pauseMs);
  }
  return { type: 'unknown' };
}

async function readLog(pool: LanePool, address: ExecAddress): Promise<SettledStart | undefined> {
  const control = await pool.control();
  const record = parseExecRecord(await control.status(toSegment(address), address.number));
  if (record.started) return { type: 'started', started: record.started };
  if (record.refused) return { type: 'refused', error: record.refused };
  // A command writes its start before anything of it runs: an end without one is that of a request cut short.
  if (record.neverRan || record.ended) return { type: 'never' };
  return undefined;
}
