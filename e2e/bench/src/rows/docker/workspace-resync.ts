import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerEngine, Environment } from '@recac/engine-core';
import { createUploadWorkspace } from '@recac/workspace-sync';
import { type BenchmarkRow, type RowResult, ratioResult } from '../../benchmark-row.ts';
import { benchSpec, withDockerEngine } from '../../docker/docker-environment.ts';
import { docker, runPeer } from '../../docker/docker-peer.ts';
import { interleave } from '../../interleave.ts';
import { fileCount, withManyFiles } from '../../many-files.ts';
import { summarize } from '../../statistics.ts';

/** B11: everything that the environment made comes out. */
async function measureDownload(engine: ContainerEngine, environment: Environment, repeats: number): Promise<RowResult> {
  const places = mkdtempSync(join(tmpdir(), 'recac-bench-'));
  const fresh = (): string => {
    const place = join(places, randomUUID());
    mkdirSync(place);
    return place;
  };
  const works = [
    async (): Promise<void> => {
      const path = fresh();
      const strategy = createUploadWorkspace({ engine, path, toBasePath: () => `${path}.base` });
      assert.equal((await strategy.pull(environment)).changed, fileCount + 100);
    },
    async (): Promise<void> => {
      const path = fresh();
      await docker('cp', '-q', `${environment.id}:/workspace/.`, path);
      assert.equal(readdirSync(path).length, 100);
    },
  ];
  try {
    const [ours, peer] = (await interleave(repeats, works)).map(summarize);
    assert.ok(ours && peer);
    return ratioResult('B11 all come out, against docker cp, min ms', ours.min, peer.min, 0.7, { ours, peer });
  } finally {
    rmSync(places, { recursive: true });
  }
}

/** B12: one of 10 000 changed here. */
async function measureOneEdit(
  engine: ContainerEngine,
  environment: Environment,
  directory: string,
  repeats: number,
): Promise<RowResult> {
  const base = join(tmpdir(), `recac-bench-${randomUUID()}`);
  const copy = mkdtempSync(join(tmpdir(), 'recac-bench-'));
  const strategy = createUploadWorkspace({ engine, path: directory, toBasePath: () => base });
  let edits = 0;
  const edit = (): void => {
    edits += 1;
    writeFileSync(join(directory, 'directory-7/file-7'), `edit ${edits}\n`);
  };
  const works = [
    async (): Promise<void> => {
      edit();
      const { changed } = await strategy.push(environment);
      assert.ok(changed >= 1);
    },
    async (): Promise<void> => {
      edit();
      await runPeer('rsync', ['-a', `${directory}/`, copy]);
    },
  ];
  try {
    await strategy.push(environment);
    const [ours, peer] = (await interleave(repeats, works)).map(summarize);
    assert.ok(ours && peer);
    return ratioResult('B12 one edit of 10 000, against rsync -a, p50 ms', ours.p50, peer.p50, 0.8, { ours, peer });
  } finally {
    rmSync(copy, { recursive: true });
    rmSync(base, { force: true });
  }
}

/** B11 and B12: what changed goes out and in. */
export const workspaceResync: BenchmarkRow = {
  id: 'B11-docker',
  title: 'B11 and B12: 10 000 files come out of an environment, and one edit goes in, against docker cp and rsync',
  peer: 'docker cp -q ID:/workspace/. DIR; rsync -a DIR/ COPY',
  run: ({ quick }) =>
    withDockerEngine((engine) =>
      withManyFiles(tmpdir(), fileCount, async (directory) => {
        const environment = await engine.startEnvironment(benchSpec());
        const edit = await measureOneEdit(engine, environment, directory, quick ? 5 : 30);
        const download = await measureDownload(engine, environment, quick ? 2 : 10);
        return [download, edit];
      }),
    ),
};
