import { type ExecInfo, RecacError } from '@recac/engine-core';
import type { ControlLane } from '../lane/control-lane.ts';
import { type ExecAddress, toExecId, toSegment } from '../lane/exec-address.ts';
import { decodeDescription, type ExecDescription } from '../lane/exec-description.ts';
import { type ExecRecord, parseExecRecord } from '../lane/exec-record.ts';
import type { LanePool } from '../lane/lane-pool.ts';
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

/** The commands of one pool that have a record; none where its directory was made by another user: what is in it is not that user's. */
export async function listPool(pool: LanePool): Promise<readonly ExecInfo[]> {
  try {
    return await pool.ask((control) => listRecords(pool, control));
  } catch (error) {
    if (RecacError.isInstance(error) && error.details.reason === 'ForeignDirectory') return [];
    throw error;
  }
}

async function listRecords(pool: LanePool, control: ControlLane): Promise<readonly ExecInfo[]> {
  const found = groupLines(pool.name, await control.list());
  const infos: ExecInfo[] = [];
  for (const { address, lines, description } of found) {
    const record = parseExecRecord(lines);
    if (!record.started || !record.dispatcher || pool.isCollected(address)) continue;
    const position =
      record.ended ?? (await control.poll(record.dispatcher, record.started.process, toSegment(address)));
    infos.push(toInfo(address, record, description, position));
  }
  return infos;
}

function toInfo(
  address: ExecAddress,
  record: ExecRecord,
  description: ExecDescription | undefined,
  position: { readonly stdoutEnd?: number; readonly stderrEnd?: number; readonly alive?: boolean },
): ExecInfo {
  const { started, ended, code } = record;
  const lost = !ended && !code && position.alive === false && position.stdoutEnd === undefined;
  const finished =
    ended ?? (code && { ...code, stdoutEnd: 0, stderrEnd: 0, stdoutDropped: 0, stderrDropped: 0, heldOpen: true });
  const outcome = finished
    ? toOutcome({ type: 'recorded', record: finished, byLane: false })
    : lost
      ? toOutcome({ type: 'lost', reason: 'no exit record and no process remain' })
      : undefined;
  return {
    execId: toExecId(address),
    command: description?.command ?? [],
    startedAt: description?.startedAt ?? new Date(0),
    state: outcome ? 'ended' : 'running',
    ...(outcome ? { outcome } : {}),
    ...(started ? { pid: started.process.pid } : {}),
    stdoutBytes: Math.max(0, (position.stdoutEnd ?? 0) - (started?.stdoutBase ?? 0)),
    stderrBytes: Math.max(0, (position.stderrEnd ?? 0) - (started?.stderrBase ?? 0)),
  };
}
