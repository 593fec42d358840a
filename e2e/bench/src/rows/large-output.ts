import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { BenchmarkRow, RowResult } from '../benchmark-row.ts';
import { withLocalEnvironment } from '../local-environment.ts';
import { type Reading, readAll } from '../read-all.ts';

const size = 2 * 1_073_741_824;
const command = ['head', '-c', String(size), '/dev/zero'] as const;
const mebibyte = 1_048_576;

async function readOurs(bytesPerSecond?: number): Promise<Reading> {
  return withLocalEnvironment(async (engine, environment) => {
    await using handle = await engine.spawn(environment.id, command);
    const reading = await readAll(handle.stdout, bytesPerSecond);
    const end = await handle.wait();
    assert.deepEqual(end.outcome, { type: 'exited', code: 0 });
    assert.equal(reading.bytes, size);
    return reading;
  });
}

async function readPeer(): Promise<Reading> {
  const [program, ...parameters] = command;
  const reading = await readAll(spawn(program, parameters).stdout);
  assert.equal(reading.bytes, size);
  return reading;
}

/** 2 GiB of output through the record, to a fast and to a slow reader. */
export const largeOutput: BenchmarkRow = {
  id: 'B7-local',
  title: '2 GiB of stdout through the record (written to disk and read back) against a pipe of child_process',
  run: async (): Promise<readonly RowResult[]> => {
    const fast = await readOurs();
    const peer = await readPeer();
    const slow = await readOurs(128 * mebibyte);
    const rate = (reading: Reading): number => reading.bytes / mebibyte / reading.seconds;
    const memory = (metric: string, reading: Reading): RowResult => {
      const growth = reading.growth / mebibyte;
      return { metric, ours: growth, value: growth, gate: '<= 32', holds: growth <= 32 };
    };
    return [
      {
        metric: 'MiB/s, fast reader (no gate)',
        ours: rate(fast),
        peer: rate(peer),
        value: rate(fast) / rate(peer),
        gate: 'none',
        holds: true,
      },
      { ...memory('MiB RSS growth, fast reader (no gate)', fast), gate: 'none', holds: true },
      memory('MiB RSS growth, slow reader at 128 MiB/s', slow),
    ];
  },
};
