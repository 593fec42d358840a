import type { KillReport } from '@recac/engine-core';
import { delay } from '../deadline.ts';
import type { EndCause } from '../lane/end-cause.ts';
import { type ExecAddress, toExecId, toSegment } from '../lane/exec-address.ts';
import type { ProcessIdentity } from '../lane/exec-lane.ts';
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
}

const killTimeMs = 5_000;

/** Value of the marker variable in the environment of every process of a command. Ends in a dot, so that no marker begins another. */
export function toMarker(address: ExecAddress): string {
  return `${toExecId(address)}.`;
}

/** SIGTERM to the group, grace, SIGKILL to the group, then a sweep of what left the group. Says what it took. */
export async function endCommand(options: EndCommandOptions): Promise<KillReport> {
  const { pool, follower, process } = options;
  const control = await pool.control();
  await control.mark(toSegment(options.address), options.address.number, options.cause);
  await control.kill('SIGTERM', process);
  await Promise.race([follower.ended, delay(options.graceMs)]);
  const signal = follower.end ? 'SIGTERM' : 'SIGKILL';
  if (signal === 'SIGKILL') await control.kill('SIGKILL', process);
  const sweep = await control.sweep(`${markerVariable}=${toMarker(options.address)}`, toSegment(options.address));
  await Promise.race([follower.ended, delay(killTimeMs)]);
  return { signal, escapees: sweep.killed, survivors: sweep.survivors };
}
