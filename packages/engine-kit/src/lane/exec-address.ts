import { randomBytes } from 'node:crypto';
import { RecacError } from '@recac/engine-core';
import type { LanePlace } from '../engine-driver.ts';

/** Where the record of one command lies. Its text form is the exec id. */
export interface ExecAddress {
  /** Pool of lanes of one user: `default`, or `u-` and the user's text made safe. */
  readonly pool: string;
  /** The lane that ran it: 8 letters and digits. */
  readonly lane: string;
  /** Generation of the lane's segment that holds the record. */
  readonly generation: number;
  /** Number of the command in its lane. */
  readonly number: number;
}

/** Name of the pool of a user. The empty user is the environment's own. */
export function toPoolName(user: string | undefined): string {
  if (user === undefined) return 'default';
  const safe = user.replace(/[^A-Za-z0-9.]/g, (character) => `_${character.charCodeAt(0).toString(16)}_`);
  return `u-${safe}`;
}

/** Directory, inside the environment, of the records of a pool. */
export function toPoolDirectory({ runDirectory }: LanePlace, user: string | undefined): string {
  return `${runDirectory}/${toPoolName(user)}`;
}

/** The user of a pool name, the inverse of {@link toPoolName}. */
export function toPoolUser(pool: string): string | undefined {
  if (pool === 'default') return undefined;
  return pool
    .slice(2)
    .replace(/_([0-9a-f]{1,4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** True for the name of a pool. A directory for records that something else has made may have any name. */
export function isPoolName(name: string): boolean {
  return name === 'default' || (/^u-[A-Za-z0-9_.]{1,256}$/.test(name) && toPoolName(toPoolUser(name)) === name);
}

/** A new lane name. */
export function createLaneName(): string {
  return randomBytes(5).toString('hex').slice(0, 8);
}

/** The segment of a record: the common start of its file names. */
export function toSegment(address: Pick<ExecAddress, 'lane' | 'generation'>): string {
  return `${address.lane}-${address.generation}`;
}

/** The exec id of an address: `[pool.]lane-generation-number`. */
export function toExecId(address: ExecAddress): string {
  const record = `${toSegment(address)}-${address.number}`;
  return address.pool === 'default' ? record : `${address.pool}~${record}`;
}

/** The address of an exec id. Errors: `RECAC_EXEC_NOT_FOUND` for text that no engine gave out. */
export function parseExecId(execId: string): ExecAddress {
  const match = /^(?:(u-[A-Za-z0-9_.]{1,256})~)?([0-9a-f]{8})-(\d{1,9})-(\d{1,9})$/.exec(execId);
  if (!match) {
    throw new RecacError(
      'RECAC_EXEC_NOT_FOUND',
      'no command has this id. List the commands of the environment to see their ids.',
      {
        details: { execId },
      },
    );
  }
  return {
    pool: match[1] ?? 'default',
    lane: match[2] as string,
    generation: Number(match[3]),
    number: Number(match[4]),
  };
}
