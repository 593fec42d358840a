import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerEngine, EnvironmentSpec } from '@recac/engine-core';
import { createUploadWorkspace } from '@recac/workspace-sync';
import { type BenchmarkRow, type RowResult, ratioResult, toldResult } from '../../benchmark-row.ts';
import { benchSpec, withDockerEngine } from '../../docker/docker-environment.ts';
import { docker, removeContainers, runContainer, runPeer } from '../../docker/docker-peer.ts';
import { fileCount, withManyFiles } from '../../many-files.ts';
import { summarize } from '../../statistics.ts';

/** Memory that looks like a disk. */
const memoryDirectory = '/dev/shm';

interface Pair {
  readonly ours: number[];
  readonly peer: number[];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** A fresh environment with the files pushed to it; gives the milliseconds of the push. */
async function pushOnce(
  engine: ContainerEngine,
  directory: string,
  workspace: EnvironmentSpec['workspace'],
): Promise<number> {
  const environment = await engine.startEnvironment(benchSpec(workspace));
  const base = join(tmpdir(), `recac-bench-${randomUUID()}`);
  try {
    const strategy = createUploadWorkspace({ engine, path: directory, toBasePath: () => base });
    let changed = 0;
    const elapsed = await timed(async () => {
      changed = (await strategy.push(environment)).changed;
    });
    assert.equal(changed, fileCount);
    return elapsed;
  } finally {
    await engine.stopEnvironment(environment.id);
    rmSync(base, { force: true });
  }
}

async function copyByTar(from: string, below: string): Promise<number> {
  const to = join(below, `recac-bench-${randomUUID()}`);
  mkdirSync(to);
  try {
    return await timed(() => runPeer('sh', ['-c', 'tar -C "$1" -cf - . | tar -C "$2" -xf -', 'sh', from, to]));
  } finally {
    rmSync(to, { recursive: true });
  }
}

/** What is left when nothing but the way through the daemon is: two programs of the same kind as the peer's, one of them in a container, on a tmpfs. */
async function copyThroughDaemon(directory: string): Promise<number> {
  const id = await runContainer();
  try {
    const script = 'tar -C "$1" -cf - . | docker exec -i "$2" tar -C /run -xof -';
    return await timed(() => runPeer('sh', ['-c', script, 'sh', directory, id]));
  } finally {
    await removeContainers(id);
  }
}

async function copyByDocker(directory: string): Promise<number> {
  const id = await runContainer();
  try {
    return await timed(() => docker('cp', '-q', `${directory}/.`, `${id}:/tmp`));
  } finally {
    await removeContainers(id);
  }
}

function p50(times: readonly number[]): number {
  return summarize(times).p50;
}

async function repeatPairs(repeats: number, ours: () => Promise<number>, peer: () => Promise<number>): Promise<Pair> {
  const pair: Pair = { ours: [], peer: [] };
  for (let repeat = -1; repeat < repeats; repeat += 1) {
    const [one, other] = [await ours(), await peer()];
    if (repeat < 0) continue;
    pair.ours.push(one);
    pair.peer.push(other);
  }
  return pair;
}

/** Disk rows are gated on the smallest time: writing back makes the median 2 to 5 times that (`performance.md` 5.3). */
function toResult(metric: string, { ours, peer }: Pair, gate: number, by: 'p50' | 'min'): RowResult {
  const [one, other] = [summarize(ours), summarize(peer)];
  return ratioResult(`${metric}, ${by} ms`, one[by], other[by], gate, { ours: one, peer: other });
}

/** B9 and B10: 10 000 small files go in. */
export const workspaceUpload: BenchmarkRow = {
  id: 'B9-docker',
  title: 'B9 and B10: 10 000 files into a tmpfs and onto a disk, against tar to tar, and docker cp',
  peer: 'tar -cf - . | tar -xf -; docker cp -q DIR/. ID:/tmp',
  run: ({ quick }) =>
    withDockerEngine((engine) =>
      withManyFiles(memoryDirectory, fileCount, async (directory) => {
        const repeats = quick ? 2 : 10;
        const inMemory = { type: 'scratch', sizeLimitBytes: 1_073_741_824 } as const;
        const memory = await repeatPairs(
          repeats,
          () => pushOnce(engine, directory, inMemory),
          () => copyByTar(directory, memoryDirectory),
        );
        const floor = await repeatPairs(
          repeats,
          () => copyThroughDaemon(directory),
          () => copyByTar(directory, memoryDirectory),
        );
        const disk = await repeatPairs(
          repeats,
          () => pushOnce(engine, directory, undefined),
          () => copyByDocker(directory),
        );
        return [
          toResult('B9 tmpfs, against tar to tar', memory, 1.8, 'p50'),
          toldResult('B9 tmpfs, tar through docker exec, against tar to tar, p50 ms', p50(floor.ours), p50(floor.peer)),
          toResult('B10 disk, against docker cp', disk, 0.6, 'min'),
        ];
      }),
    ),
};
