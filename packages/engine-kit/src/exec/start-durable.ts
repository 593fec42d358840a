import type { Buffer } from 'node:buffer';
import { type Command, RecacError, type SpawnOptions, throwIfAborted } from '@recac/engine-core';
import { type ExecAddress, toSegment } from '../lane/exec-address.ts';
import { encodeDescription } from '../lane/exec-description.ts';
import { type ExecLane, LaneBrokenError, type LaneRun, type StartedCommand } from '../lane/exec-lane.ts';
import { buildExecRequest, type ExecRequest } from '../lane/exec-request.ts';
import type { LanePool } from '../lane/lane-pool.ts';
import type { StdinFeeder } from '../lane/stdin-feeder.ts';
import type { LiveEnvironment } from '../live-environment.ts';
import { DurableExec } from './durable-exec.ts';
import { toMarker } from './end-command.ts';
import { RecordFollower } from './record-follower.ts';
import { settleStart } from './settle-start.ts';

/** How long a command that is cancelled while it is being started gets to say that it has, in milliseconds. */
const abortedStartMs = 2_000;

/** What starting and attaching need from the engine. */
export interface DurableSettings {
  /** The backend's name. */
  readonly backend: string;
  /** Longest time without a connection until a command counts as lost, in milliseconds. */
  readonly reconnectMs: number;
}

/** Time between SIGTERM and SIGKILL unless told otherwise, in milliseconds. */
export const defaultKillGraceMs = 5_000;

/**
 * Starts a command in a lane and gives its handle once its process exists. A command that an idle lane, broken unseen, can be proved never to have run
 * is started once more, in a new lane.
 */
export async function startDurable(
  live: LiveEnvironment,
  command: Command,
  options: SpawnOptions,
  settings: DurableSettings,
): Promise<DurableExec> {
  if (options.user !== undefined) live.keepLease();
  const start: Start = { live, command, options, settings };
  const handle = await startInLane(start);
  if (handle) return handle;
  live.pool(options.user).closeIdle();
  const second = await startInLane(start);
  if (second) return second;
  throw new RecacError(
    'RECAC_EXEC_FAILED',
    'the line to the environment broke twice before the command was started. It has not run: check the connection and run it again.',
  );
}

/** What is to be started. */
interface Start {
  readonly live: LiveEnvironment;
  readonly command: Command;
  readonly options: SpawnOptions;
  readonly settings: DurableSettings;
}

/** A lane for one command. */
interface Place {
  readonly pool: LanePool;
  readonly lane: ExecLane;
  /** Where its record will lie. */
  readonly address: ExecAddress;
}

/** Undefined when the lane broke and the command has not run. */
async function startInLane(start: Start): Promise<DurableExec | undefined> {
  const { live, options } = start;
  const pool = live.pool(options.user);
  const lane = await pool.acquire(options.signal);
  const address: ExecAddress = {
    pool: pool.name,
    lane: lane.name,
    generation: lane.generation,
    number: lane.nextNumber,
  };
  const place: Place = { pool, lane, address };
  let stdin: StdinFeeder | undefined;
  try {
    const stdinPath = `${pool.directory}/${toSegment(address)}.${address.number}.i`;
    if (options.stdin === 'pipe') stdin = await pool.openStdin(stdinPath, options.lostStdin ?? 'hold', options.signal);
    throwIfAborted(options.signal, 'the command');
    const kills = live.memoryKills.known;
    const leaseToken = options.user === undefined ? live.keepLeaseWithCommand() : undefined;
    const run = lane.run(
      buildRequest(start, address, {
        ...(kills === undefined ? {} : { memoryKills: kills }),
        ...(leaseToken === undefined ? {} : { leaseToken }),
        ...(stdin ? { stdinPath } : {}),
      }),
    );
    stdin?.begin();
    const uncut = closeWhenAborted(lane, options.signal);
    const started = await waitForStart(run, place).finally(uncut);
    if (started && leaseToken !== undefined) live.leaseCarried();
    if (started && kills === undefined) live.memoryKills.note(started.memoryKills);
    if (started) return createHandle(start, { ...place, run, started, stdin });
    stdin?.close();
    giveBack(place);
    return undefined;
  } catch (error) {
    stdin?.close();
    giveBack(place, error);
    throw error;
  }
}

function buildRequest(
  { live, command, options }: Start,
  address: ExecAddress,
  extras: Pick<ExecRequest, 'stdinPath' | 'memoryKills' | 'leaseToken'>,
): Buffer {
  return buildExecRequest({
    command,
    workingDirectory: options.workingDirectory ?? live.environment.status.workspacePath,
    environmentVariables: options.environmentVariables ?? {},
    marker: toMarker(address),
    meta: encodeDescription(command, new Date()),
    ...extras,
  });
}

/** A start that is cancelled is not waited for much longer; what became of it is asked as with any lane that broke. Gives what ends that. */
function closeWhenAborted(lane: ExecLane, signal: AbortSignal | undefined): () => void {
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    timer = setTimeout(() => lane.close(), abortedStartMs);
  };
  signal?.addEventListener('abort', wait, { once: true });
  return () => {
    signal?.removeEventListener('abort', wait);
    clearTimeout(timer);
  };
}

/** Undefined when the lane broke before, and the command has not run. Where nobody can tell, the call fails: nothing is run twice. */
async function waitForStart(run: LaneRun, { pool, address }: Place): Promise<StartedCommand | undefined> {
  try {
    return await run.started;
  } catch (error) {
    if (!(error instanceof LaneBrokenError)) {
      await run.ended.catch(() => {});
      throw error;
    }
    const settled = await settleStart(pool, address);
    if (settled.type === 'started') return settled.started;
    if (settled.type === 'never') return undefined;
    if (settled.type === 'refused') throw settled.error;
    throw new RecacError(
      'RECAC_EXEC_FAILED',
      'the line broke while the command was being started; it may or may not have run. Check its effect before running it again.',
      { cause: error },
    );
  }
}

function giveBack({ pool, lane, address }: Place, error?: unknown): void {
  const segment = toSegment(address);
  const refused = RecacError.isInstance(error) && error.code === 'RECAC_INVALID_ARGUMENT';
  pool.give(lane, segment, refused && lane.usable);
  pool.collected(segment, address.number);
}

/** A command that runs in its place. */
interface Running extends Place {
  readonly run: LaneRun;
  readonly started: StartedCommand;
  readonly stdin: StdinFeeder | undefined;
}

function createHandle({ live, options, settings }: Start, running: Running): DurableExec {
  const { pool, lane, address, run, started, stdin } = running;
  const segment = toSegment(address);
  const follower = new RecordFollower({
    pool,
    address,
    started,
    dispatcher: lane.dispatcher,
    laneEnded: run.ended,
    diagnose: () => live.diagnose(),
    reconnectMs: settings.reconnectMs,
  });
  return new DurableExec({
    backend: settings.backend,
    environmentId: live.id,
    pool,
    address,
    started,
    follower,
    reconnectMs: settings.reconnectMs,
    fromStdoutByte: 0,
    fromStderrByte: 0,
    owned: true,
    onLaneFree: (answered) => pool.give(lane, segment, answered),
    onCollected: () => pool.collected(segment, address.number),
    memoryKills: live.memoryKills,
    killGraceMs: options.killGraceMs ?? defaultKillGraceMs,
    ...(stdin ? { stdin } : {}),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.idleTimeoutMs === undefined ? {} : { idleTimeoutMs: options.idleTimeoutMs }),
    ...(options.signal ? { signal: options.signal } : {}),
  });
}
