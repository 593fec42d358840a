import { type ErrorCode, type ExecInfo, RecacError } from '@recac/engine-core';
import type { ControlLane } from '../lane/control-lane.ts';
import { type ExecAddress, toExecId, toSegment } from '../lane/exec-address.ts';
import { decodeDescription, type ExecDescription } from '../lane/exec-description.ts';
import type { ProcessIdentity, StartedCommand } from '../lane/exec-lane.ts';
import { type ExecRecord, parseExecRecord } from '../lane/exec-record.ts';
import type { LanePool } from '../lane/lane-pool.ts';
import type { LiveEnvironment } from '../live-environment.ts';
import { toOutcome } from './exec-outcome.ts';

interface Listed {
  readonly address: ExecAddress;
  readonly lines: string[];
  description?: ExecDescription;
}

const fileName = /^([0-9a-f]{8})-(\d+)\.(log|meta)$/;

function groupLines(pool: string, lines: readonly string[]): readonly Listed[] {
  const listed = new Map<string, Listed>();
  for (const line of lines) {
    const [file = '', number = '', ...rest] = line.split(' ');
    const match = fileName.exec(file);
    if (!match) continue;
    const address = { pool, lane: match[1] as string, generation: Number(match[2]), number: Number(number) };
    const execId = toExecId(address);
    const entry = listed.get(execId) ?? { address, lines: [] };
    if (match[3] === 'log') entry.lines.push([number, ...rest].join(' '));
    else entry.description = decodeDescription(rest.join(' '));
    listed.set(execId, entry);
  }
  return [...listed.values()];
}

/** Users at one time for whom a control lane is opened only to look. */
const mostVisits = 4;
/** Anything in the environment can make directories for records, as many as it likes. */
const mostOtherUsers = 100;

/**
 * The commands of an environment that have a record, the oldest first; of at most 100 users that this client has run nothing as. Once the signal fires, nobody else is looked for, and the list is not whole.
 * Errors: those of asking over a control lane, but for those of a user as whom no shell can run.
 */
export async function listExecs(live: LiveEnvironment, signal: AbortSignal | undefined): Promise<readonly ExecInfo[]> {
  // A client that has run nothing has no lanes of the environment's own user yet.
  live.pool(undefined);
  const lists = await Promise.all([...live.pools.map(listPool), listOthers(live, signal)]);
  return lists.flat().sort((one, other) => one.startedAt.getTime() - other.startedAt.getTime());
}

async function listOthers(live: LiveEnvironment, signal: AbortSignal | undefined): Promise<readonly ExecInfo[]> {
  const users = (await live.otherUsers()).slice(0, mostOtherUsers);
  const infos: ExecInfo[] = [];
  const visitThem = async (): Promise<void> => {
    for (let user = users.shift(); user !== undefined; user = users.shift()) {
      if (signal?.aborted) return;
      infos.push(...(await live.visit(user, listPool).catch(noneWhenNoShell)));
    }
  };
  try {
    await Promise.all(Array.from({ length: mostVisits }, visitThem));
  } finally {
    users.length = 0;
  }
  return infos;
}

/** As whom a directory was made by something in the environment, a shell need not be able to run. A failure with a reason is none of the user: what runs may only be out of sight. */
function noneWhenNoShell(error: unknown): readonly ExecInfo[] {
  if (RecacError.isInstance(error) && error.code === 'RECAC_EXEC_FAILED' && error.details.reason === undefined)
    return [];
  throw error;
}

/** A name that the environment does not know, and a user that nobody can become: they have run nothing. */
const refusals: readonly ErrorCode[] = ['RECAC_INVALID_ARGUMENT', 'RECAC_CAPABILITY_UNSUPPORTED'];

/** None of a user that is refused, and none where its directory was made by another user: what is in it is not that user's. */
async function listPool(pool: LanePool): Promise<readonly ExecInfo[]> {
  try {
    return await pool.ask((control) => listRecords(pool, control));
  } catch (error) {
    if (RecacError.isInstance(error) && (refusals.includes(error.code) || error.details.reason === 'ForeignDirectory'))
      return [];
    throw error;
  }
}

async function listRecords(pool: LanePool, control: ControlLane): Promise<readonly ExecInfo[]> {
  const found = groupLines(pool.name, await control.list());
  const infos: ExecInfo[] = [];
  for (const { address, lines, description } of found) {
    const record = parseExecRecord(lines);
    if (!record.started || !record.dispatcher || pool.isCollected(address)) continue;
    const progress =
      record.ended ?? (await findProgress(control, record.dispatcher, record.started, toSegment(address)));
    infos.push(toInfo({ address, record, started: record.started, description, progress }));
  }
  return infos;
}

/** Where the output of a command ends. */
interface Progress {
  readonly stdoutEnd: number;
  readonly stderrEnd: number;
  /** Neither its first process nor its lane remains. */
  readonly isGone?: boolean;
}

/** Of a command whose output is not complete. Without its lane nothing is recorded after it in its segment. */
async function findProgress(
  control: ControlLane,
  dispatcher: ProcessIdentity,
  { process }: StartedCommand,
  segment: string,
): Promise<Progress> {
  const { alive, stdoutEnd, stderrEnd } = await control.poll(dispatcher, process, segment);
  if (stdoutEnd !== undefined && stderrEnd !== undefined) return { stdoutEnd, stderrEnd };
  return { ...(await control.size(segment)), isGone: !alive };
}

interface Found {
  readonly address: ExecAddress;
  readonly record: ExecRecord;
  readonly started: StartedCommand;
  readonly description: ExecDescription | undefined;
  readonly progress: Progress;
}

function toInfo({ address, record, started, description, progress }: Found): ExecInfo {
  const { ended, code } = record;
  const finished =
    ended ?? (code && { ...code, stdoutEnd: 0, stderrEnd: 0, stdoutDropped: 0, stderrDropped: 0, heldOpen: true });
  const outcome = finished
    ? toOutcome({ type: 'recorded', record: finished, byLane: false })
    : progress.isGone
      ? toOutcome({ type: 'lost', reason: 'no exit record and no process remain' })
      : undefined;
  return {
    execId: toExecId(address),
    command: description?.command ?? [],
    startedAt: description?.startedAt ?? new Date(0),
    state: outcome ? 'ended' : 'running',
    ...(outcome ? { outcome } : {}),
    pid: started.process.pid,
    stdoutBytes: toLength(progress.stdoutEnd - started.stdoutBase, started),
    stderrBytes: toLength(progress.stderrEnd - started.stderrBase, started),
  };
}

/** The files may hold a little more than what counts as recorded. */
function toLength(bytes: number, { limit }: StartedCommand): number {
  return Math.min(Math.max(0, bytes), limit);
}
