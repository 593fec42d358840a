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

/** B12 to B14: one of 10 000 changed here, or none. */
async function measureEdits(
  engine: ContainerEngine,
  environment: Environment,
  directory: string,
  repeats: number,
): Promise<readonly RowResult[]> {
  const base = join(tmpdir(), `recac-bench-${randomUUID()}`);
  const copy = mkdtempSync(join(tmpdir(), 'recac-bench-'));
  const strategy = createUploadWorkspace({ engine, path: directory, toBasePath: () => base });
  const path = 'directory-7/file-7';
  let edits = 0;
  const edit = (): void => {
    edits += 1;
    writeFileSync(join(directory, path), `edit ${edits}\n`);
  };
  const push = async (wanted: number, changedPaths?: readonly string[]): Promise<void> => {
    const { changed } = await strategy.push(environment, changedPaths === undefined ? {} : { changedPaths });
    assert.equal(changed, wanted);
  };
  const copyByRsync = (): Promise<unknown> => runPeer('rsync', ['-a', `${directory}/`, copy]);
  const works = [
    async (): Promise<void> => {
      edit();
      await push(1);
    },
    async (): Promise<void> => {
      edit();
      await push(1, [path]);
    },
    (): Promise<void> => push(0, []),
    async (): Promise<void> => {
      await copyByRsync();
    },
    async (): Promise<void> => {
      await copyByRsync();
    },
  ];
  try {
    await strategy.push(environment);
    await copyByRsync();
    const [one, told, none, peer, idlePeer] = (await interleave(repeats, works)).map(summarize);
    assert.ok(one && told && none && peer && idlePeer);
    const { stdout } = await engine.exec(environment.id, ['cat', path]);
    assert.equal(stdout, `edit ${edits}\n`);
    return [
      ratioResult('B12 one edit of 10 000, against rsync -a, p50 ms', one.p50, peer.p50, 0.8, { ours: one, peer }),
      ratioResult('B13 the same, the path is known, p50 ms', told.p50, peer.p50, 0.2, { ours: told, peer }),
      ratioResult('B14 nothing changed, and that is known, p50 ms', none.p50, idlePeer.p50, 0.1, {
        ours: none,
        peer: idlePeer,
      }),
    ];
  } finally {
    rmSync(copy, { recursive: true });
    rmSync(base, { force: true });
  }
}

/** B11 to B14: what changed goes out and in. */
export const workspaceResync: BenchmarkRow = {
  id: 'B11-docker',
  title: 'B11 to B14: 10 000 files come out of an environment, one edit or none goes in, against docker cp and rsync',
  peer: 'docker cp -q ID:/workspace/. DIR; rsync -a DIR/ COPY',
  run: ({ quick }) =>
    withDockerEngine((engine) =>
      withManyFiles(tmpdir(), fileCount, async (directory) => {
        const environment = await engine.startEnvironment(benchSpec());
        const edits = await measureEdits(engine, environment, directory, quick ? 5 : 30);
        const download = await measureDownload(engine, environment, quick ? 2 : 10);
        return [download, ...edits];
      }),
    ),
};
