import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGitWorkspace } from '@recac/workspace-sync';
import { type BenchmarkRow, limitResult } from '../../benchmark-row.ts';
import { benchSpec, withDockerEngine } from '../../docker/docker-environment.ts';
import { interleave } from '../../interleave.ts';
import { withManyFiles } from '../../many-files.ts';
import { summarize } from '../../statistics.ts';

const files = 5_000;

/** An image with git. */
const gitImage = process.env.RECAC_BENCH_GIT_IMAGE ?? 'recac-test/debian:1';

/** A later push of a repository: one edit of 5 000 files. */
export const workspaceRepository: BenchmarkRow = {
  id: 'repository-docker',
  title: 'One edit in a repository of 5 000 files goes in by git: time, and bytes',
  run: ({ quick }) =>
    withDockerEngine((engine) =>
      withManyFiles(tmpdir(), files, async (directory) => {
        execFileSync('git', ['init', '-q'], { cwd: directory });
        execFileSync('git', ['add', '-A'], { cwd: directory });
        const environment = await engine.startEnvironment({ ...benchSpec(), image: gitImage });
        const workspace = createGitWorkspace({ engine, path: directory });
        await workspace.push(environment);
        let bytes = 0;
        let edits = 0;
        const push = async (): Promise<void> => {
          edits += 1;
          writeFileSync(join(directory, 'directory-7/file-7'), `edit ${edits}\n`);
          const report = await workspace.push(environment);
          assert.equal(report.changed, 1);
          bytes = Math.max(bytes, report.bytes);
        };
        const [times] = (await interleave(quick ? 5 : 30, [push])).map(summarize);
        assert.ok(times);
        const { stdout } = await engine.exec(environment.id, ['cat', 'directory-7/file-7']);
        assert.equal(stdout, `edit ${edits}\n`);
        return [
          limitResult('p50 ms', times.p50, 100, { ours: times }),
          limitResult('bytes, largest', bytes, 4_096, { ours: times }),
        ];
      }),
    ),
};
