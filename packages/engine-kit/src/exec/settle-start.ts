import { RecacError } from '@recac/engine-core';
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

/** A dispatcher sees the end of its line at once, once the line is known to be broken: how long a log that can be read may say nothing, in milliseconds. */
const settleMs = 10_000;
/** The control lane may have to be found broken and opened anew: how long nobody may answer, in milliseconds. */
const answerMs = 30_000;
const pauseMs = 50;

/**
 * Asks the log over another line until it tells. Only what the dispatcher has written down counts: a log that is silent or gone proves nothing. Errors: `RECAC_ENVIRONMENT_NOT_FOUND`
 * when the environment is gone, and the command with it.
 */
export async function settleStart(pool: LanePool, address: ExecAddress): Promise<SettledStart> {
  let giveUpAt = performance.now() + answerMs;
  while (performance.now() < giveUpAt && !pool.closed) {
    try {
      const settled = await readLog(pool, address);
      if (settled) return settled;
      giveUpAt = Math.min(giveUpAt, performance.now() + settleMs);
    } catch (error) {
      if (RecacError.isInstance(error) && error.code === 'RECAC_ENVIRONMENT_NOT_FOUND') throw error;
    }
    await delay(pauseMs);
  }
  if (pool.gone) throw pool.closedError;
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
