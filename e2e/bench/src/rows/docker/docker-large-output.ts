import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import type { ContainerEngine } from '@recac/engine-core';
import { atLeastResult, type BenchmarkRow, limitResult } from '../../benchmark-row.ts';
import { withDockerEnvironments } from '../../docker/docker-environment.ts';
import { dockerHost } from '../../docker/docker-peer.ts';
import { openRawOutput } from '../../docker/open-raw-output.ts';
import { type Reading, readAll } from '../../read-all.ts';

const mebibyte = 1_048_576;
const slowRate = 128 * mebibyte;

function commandOf(size: number): readonly [string, ...string[]] {
  return ['head', '-c', String(size), '/dev/zero'];
}

async function readDurable(engine: ContainerEngine, id: string, size: number, rate?: number): Promise<Reading> {
  await using handle = await engine.spawn(id, commandOf(size));
  const reading = await readAll(handle.stdout, rate);
  assert.deepEqual((await handle.wait()).outcome, { type: 'exited', code: 0 });
  assert.equal(reading.bytes, size);
  return reading;
}

async function readRaw(id: string, size: number, rate?: number): Promise<Reading> {
  await using output = await openRawOutput(id, commandOf(size));
  const reading = await readAll(output.stdout, rate);
  assert.equal(reading.bytes, size);
  return reading;
}

async function readPeer(id: string, size: number): Promise<Reading> {
  const begin = performance.now();
  const child = spawn('sh', ['-c', 'docker exec "$@" | cat >/dev/null', 'sh', id, ...commandOf(size)], {
    env: { ...process.env, DOCKER_HOST: dockerHost },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  assert.equal((await once(child, 'close'))[0], 0);
  return { bytes: size, seconds: (performance.now() - begin) / 1_000, growth: 0 };
}

function rate({ bytes, seconds }: Reading): number {
  return bytes / mebibyte / seconds;
}

function median(readings: readonly Reading[]): number {
  const sorted = readings.map(rate).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** B7 and B8: much output, to a fast and to a slow reader, through the record and directly. */
export const dockerLargeOutput: BenchmarkRow = {
  id: 'B7-docker',
  title: 'B7 and B8: 2 GiB of stdout, through the record (written to disk and read back) and over the raw path',
  peer: 'docker exec ID head -c SIZE /dev/zero | cat >/dev/null',
  run: ({ quick }) =>
    withDockerEnvironments(1, async (engine, [id = '']) => {
      const size = quick ? 256 * mebibyte : 2_048 * mebibyte;
      const readings: Record<'durable' | 'raw' | 'peer', Reading[]> = { durable: [], raw: [], peer: [] };
      for (let round = 0; round < (quick ? 2 : 3); round += 1) {
        readings.durable.push(await readDurable(engine, id, size));
        readings.raw.push(await readRaw(id, size));
        readings.peer.push(await readPeer(id, size));
      }
      const slowDurable = await readDurable(engine, id, size, slowRate);
      const slowRaw = await readRaw(id, size, slowRate);
      const peer = median(readings.peer);
      return [
        atLeastResult('B7 MiB/s, recorded', median(readings.durable), peer, 0.9, readings),
        atLeastResult('B7 MiB/s, raw', median(readings.raw), peer, 1.2),
        limitResult('B8 MiB of memory more, recorded, reader at 128 MiB/s', slowDurable.growth / mebibyte, 32),
        limitResult('B8 MiB of memory more, raw, reader at 128 MiB/s', slowRaw.growth / mebibyte, 32),
      ];
    }),
};
