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
  const leaseToken = live.keepLeaseWithCommand(options.user);
  const handle = await startInLane(live, command, options, settings, leaseToken);
  if (handle) return handle;
  live.pool(options.user).closeIdle();
  const second = await startInLane(live, command, options, settings, leaseToken);
  if (second) return second;
  throw new RecacError(
    'RECAC_EXEC_FAILED',
    'the line to the environment broke twice before the command was started. It has not run: check the connection and run it again.',
  );
}

/** Undefined when the lane broke and the command has not run. */
async function startInLane(
  live: LiveEnvironment,
  command: Command,
  options: SpawnOptions,
  settings: DurableSettings,
  leaseToken: string | undefined,
): Promise<DurableExec | undefined> {
  const pool = live.pool(options.user);
  const lane = await pool.acquire(options.signal);
  const address: ExecAddress = {
    pool: pool.name,
    lane: lane.name,
    generation: lane.generation,
    number: lane.nextNumber,
  };
  const segment = toSegment(address);
  let stdin: StdinFeeder | undefined;
  try {
    const stdinPath = `${pool.directory}/${segment}.${address.number}.i`;
    if (options.stdin === 'pipe') stdin = await pool.openStdin(stdinPath, options.lostStdin ?? 'hold', options.signal);
    throwIfAborted(options.signal, 'the command');
    const kills = live.memoryKills.known;
    const run = lane.run(
      buildRequest(live, command, options, address, {
        ...(kills === undefined ? {} : { memoryKills: kills }),
        ...(stdin ? { stdinPath } : {}),
        ...(leaseToken === undefined ? {} : { leaseToken }),
      }),
    );
    stdin?.begin();
    const uncut = closeWhenAborted(lane, options.signal);
    const started = await waitForStart(run, pool, address).finally(uncut);
    if (started && kills === undefined) live.memoryKills.note(started.memoryKills);
    if (started) return createHandle(live, pool, lane, address, started, run, options, settings, stdin);
    stdin?.close();
    giveBack(pool, lane, address);
    return undefined;
  } catch (error) {
    stdin?.close();
    giveBack(pool, lane, address, error);
    throw error;
  }
}

function buildRequest(
  live: LiveEnvironment,
  command: Command,
  options: SpawnOptions,
  address: ExecAddress,
  extras: Pick<ExecRequest, 'stdinPath' | 'leaseToken' | 'memoryKills'>,
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
async function waitForStart(run: LaneRun, pool: LanePool, address: ExecAddress): Promise<StartedCommand | undefined> {
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

function giveBack(pool: LanePool, lane: ExecLane, address: ExecAddress, error?: unknown): void {
  const segment = toSegment(address);
  const refused = RecacError.isInstance(error) && error.code === 'RECAC_INVALID_ARGUMENT';
  pool.give(lane, segment, refused && lane.usable);
  pool.collected(segment, address.number);
}

function createHandle(
  live: LiveEnvironment,
  pool: LanePool,
  lane: ExecLane,
  address: ExecAddress,
  started: StartedCommand,
  run: LaneRun,
  options: SpawnOptions,
  settings: DurableSettings,
  stdin: StdinFeeder | undefined,
): DurableExec {
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
