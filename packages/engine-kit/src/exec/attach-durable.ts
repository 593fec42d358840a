import { type AttachOptions, invalidArgument, RecacError, validateDurationMs } from '@recac/engine-core';
import { parseExecId, toPoolUser, toSegment } from '../lane/exec-address.ts';
import { parseExecRecord } from '../lane/exec-record.ts';
import type { LiveEnvironment } from '../live-environment.ts';
import { DurableExec } from './durable-exec.ts';
import { RecordFollower } from './record-follower.ts';
import { type DurableSettings, defaultKillGraceMs } from './start-durable.ts';

function checkByte(value: number | undefined, field: string): number {
  if (value === undefined) return 0;
  if (!Number.isSafeInteger(value) || value < 0)
    throw invalidArgument(
      field,
      'must be a whole number of bytes, 0 or more',
      'Leave it out to begin at the first byte.',
    );
  return value;
}

/** A handle on a command that any process started, from its record alone. */
export async function attachDurable(
  live: LiveEnvironment,
  execId: string,
  options: AttachOptions,
  settings: DurableSettings,
): Promise<DurableExec> {
  const fromStdoutByte = checkByte(options.fromStdoutByte, 'fromStdoutByte');
  const fromStderrByte = checkByte(options.fromStderrByte, 'fromStderrByte');
  if (options.killGraceMs !== undefined) validateDurationMs(options.killGraceMs, 'killGraceMs');
  const address = parseExecId(execId);
  const pool = live.pool(toPoolUser(address.pool));
  const notFound = new RecacError(
    'RECAC_EXEC_NOT_FOUND',
    'no record of this command exists in the environment. List its commands to see their ids.',
    { details: { execId } },
  );
  if (pool.isCollected(address)) throw notFound;
  await pool.ask((control) => control.attach());
  const lines = await pool.ask((control) => control.status(toSegment(address), address.number));
  const record = parseExecRecord(lines);
  if (!record.started || !record.dispatcher) throw notFound;
  const follower = new RecordFollower({
    pool,
    address,
    started: record.started,
    dispatcher: record.dispatcher,
    diagnose: () => live.diagnose(),
    reconnectMs: settings.reconnectMs,
  });
  return new DurableExec({
    backend: settings.backend,
    environmentId: live.id,
    pool,
    address,
    started: record.started,
    follower,
    reconnectMs: settings.reconnectMs,
    fromStdoutByte,
    fromStderrByte,
    owned: false,
    onLaneFree: () => {},
    onCollected: () => {},
    memoryKills: live.memoryKills,
    killGraceMs: options.killGraceMs ?? defaultKillGraceMs,
    ...(options.signal ? { signal: options.signal } : {}),
  });
}
