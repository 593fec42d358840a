import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ContainerEngine } from '@recac/engine-core';
import { atLeastResult, type BenchmarkRow, limitResult } from '../../benchmark-row.ts';
import { withKubernetesEnvironments } from '../../kubernetes/kubernetes-environments.ts';
import { kubeconfig, kubectl } from '../../kubernetes/peer-job.ts';
import { type Reading, readAll } from '../../read-all.ts';
import { summarize } from '../../statistics.ts';

const mebibyte = 1_048_576;
const slowRate = 32 * mebibyte;

function commandOf(size: number): readonly [string, ...string[]] {
  return ['head', '-c', String(size), '/dev/zero'];
}

async function readOurs(engine: ContainerEngine, id: string, size: number, rate?: number): Promise<Reading> {
  await using handle = await engine.spawn(id, commandOf(size));
  const reading = await readAll(handle.stdout, rate);
  assert.deepEqual((await handle.wait()).outcome, { type: 'exited', code: 0 });
  assert.equal(reading.bytes, size);
  return reading;
}

async function readPeer(pod: string, size: number): Promise<Reading> {
  const begin = performance.now();
  const command = [...kubectl, '--kubeconfig', kubeconfig, 'exec', pod, '--', ...commandOf(size)];
  const child = spawn('sh', ['-c', '"$@" | wc -c', 'sh', ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  assert.equal((await once(child, 'close'))[0], 0);
  assert.equal(Number(printed), size);
  return { bytes: size, seconds: (performance.now() - begin) / 1_000, growth: 0 };
}

function median(readings: readonly Reading[]): number {
  return summarize(readings.map(({ bytes, seconds }) => bytes / mebibyte / seconds)).p50;
}

/** B7 and B8 on Kubernetes: much output through the record, to a fast and to a slow reader. */
export const kubernetesLargeOutput: BenchmarkRow = {
  id: 'B7-kubernetes',
  title: '256 MiB of stdout through the record (written to disk and read back), against kubectl exec',
  peer: 'kubectl exec POD -- head -c SIZE /dev/zero | wc -c',
  run: ({ quick }) =>
    withKubernetesEnvironments(1, async (engine, [environment]) => {
      assert.ok(environment);
      const { id, pod } = environment;
      const size = (quick ? 64 : 256) * mebibyte;
      const readings: Record<'ours' | 'peer', Reading[]> = { ours: [], peer: [] };
      await readOurs(engine, id, mebibyte);
      for (let round = 0; round < (quick ? 2 : 5); round += 1) {
        readings.ours.push(await readOurs(engine, id, size));
        readings.peer.push(await readPeer(pod, size));
      }
      const slow = await readOurs(engine, id, size, slowRate);
      return [
        atLeastResult('MiB/s, p50', median(readings.ours), median(readings.peer), 1, readings),
        limitResult('MiB of memory more, reader at 32 MiB/s', slow.growth / mebibyte, 32),
      ];
    }),
};
