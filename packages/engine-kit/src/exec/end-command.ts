import { performance } from 'node:perf_hooks';
import { type KillReport, RecacError } from '@recac/engine-core';
import { delay } from '../deadline.ts';
import { doneWithin } from '../done-within.ts';
import type { ControlLane } from '../lane/control-lane.ts';
import type { EndCause } from '../lane/end-cause.ts';
import { type ExecAddress, toExecId, toSegment } from '../lane/exec-address.ts';
import type { ProcessIdentity } from '../lane/exec-lane.ts';
import { parseExecRecord } from '../lane/exec-record.ts';
import { markerVariable } from '../lane/exec-request.ts';
import type { LanePool } from '../lane/lane-pool.ts';
import type { RecordFollower } from './record-follower.ts';

/** Which command to end, and how patiently. */
export interface EndCommandOptions {
  /** The lanes of the command's user. */
  readonly pool: LanePool;
  /** Where its record lies. */
  readonly address: ExecAddress;
  /** Its first process. */
  readonly process: ProcessIdentity;
  /** Knows when it has ended. */
  readonly follower: RecordFollower;
  /** Why it is ended. */
  readonly cause: EndCause;
  /** Time between SIGTERM and SIGKILL, in milliseconds. */
  readonly graceMs: number;
  /** How long lines may stay broken until it is given up, in milliseconds. */
  readonly reconnectMs: number;
}

const killTimeMs = 5_000;

/** Pause before something is asked again over a new line, in milliseconds. */
const retryMs = 200;

/** How long what a command left behind is looked for over lines that break, once it has ended, in milliseconds. */
const sweepMs = 10_000;

/** Value of the marker variable in the environment of every process of a command. Ends in a dot, so that no marker begins another. */
export function toMarker(address: ExecAddress): string {
  return `${toExecId(address)}.`;
}

/**
 * SIGTERM to the group, grace, SIGKILL to the group, then a sweep of what left the group. Says what it took; undefined for a command that had ended by itself: what it left behind is left alone.
 * A line that breaks meanwhile is opened again: each step may be done twice. Errors: that of the last line, when none came back in time or the environment is gone.
 */
export async function endCommand(options: EndCommandOptions): Promise<KillReport | undefined> {
  const { address, follower, process } = options;
  const segment = toSegment(address);
  await insist(options, (control) => control.mark(segment, address.number, options.cause));
  const isSignaled = await insist(options, (control) => control.kill('SIGTERM', process));
  if (!isSignaled && (await hadEnded(options))) {
    await doneWithin(follower.ended, killTimeMs);
    return undefined;
  }
  const signal = (await doneWithin(follower.gone, options.graceMs)) ? 'SIGTERM' : 'SIGKILL';
  if (signal === 'SIGKILL') await insist(options, (control) => control.kill('SIGKILL', process));
  const marker = `${markerVariable}=${toMarker(address)}`;
  const sweep = await insist(options, (control) => control.sweep(marker, segment, address.number));
  await doneWithin(follower.ended, killTimeMs);
  return { signal, escapees: sweep.killed, survivors: sweep.survivors };
}

/** True when the record has its end, and no client as its cause. */
async function hadEnded(options: EndCommandOptions): Promise<boolean> {
  const { address } = options;
  const lines = await insist(options, (control) => control.status(toSegment(address), address.number));
  const { code } = parseExecRecord(lines);
  return code !== undefined && code.cause === undefined;
}

/** Asks over one line after the other until there is an answer. */
async function insist<T>(
  { pool, follower, reconnectMs }: EndCommandOptions,
  question: (control: ControlLane) => Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    try {
      return await question(await pool.control());
    } catch (error) {
      const isGone = RecacError.isInstance(error) && error.code === 'RECAC_ENVIRONMENT_NOT_FOUND';
      const isLost = follower.end?.type === 'lost';
      const limitMs = follower.end === undefined ? reconnectMs : Math.min(reconnectMs, sweepMs);
      if (isGone || isLost || pool.closed || performance.now() - startedAt > limitMs) throw error;
      await delay(retryMs);
    }
  }
}
