import type { LanePlace } from '../engine-driver.ts';
import { toPoolDirectory } from './exec-address.ts';
import { execLaneScript } from './exec-lane-script.ts';
import { toShellProcess } from './shell-process.ts';

/** What tells one exec lane from others. */
export interface ExecLaneFacts {
  /** Whose lane; undefined is the environment's own user. */
  readonly user: string | undefined;
  /** Its name. */
  readonly name: string;
  /** Bytes of each stream of a command that are recorded. */
  readonly recordLimitBytes: number;
}

/** The argv of an exec lane. */
export function toExecLaneProcess(
  place: LanePlace,
  { user, name, recordLimitBytes }: ExecLaneFacts,
): readonly string[] {
  const directory = toPoolDirectory(place, user);
  return toShellProcess(place, execLaneScript, 'recac-lane', directory, name, String(recordLimitBytes));
}
