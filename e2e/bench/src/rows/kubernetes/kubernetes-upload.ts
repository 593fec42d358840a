import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerEngine } from '@recac/engine-core';
import { createKubernetesEngine } from '@recac/engine-k8s';
import { createUploadWorkspace } from '@recac/workspace-sync';
import { type BenchmarkRow, limitResult, ratioResult } from '../../benchmark-row.ts';
import { runPeer } from '../../docker/docker-peer.ts';
import { removeByKubectl, runKubectl, startByKubectl } from '../../kubernetes/kubectl-peer.ts';
import { benchImage, kubeconfig } from '../../kubernetes/peer-job.ts';
import { fileCount, withManyFiles } from '../../many-files.ts';
import { summarize } from '../../statistics.ts';

const smallTree = 500;
const digest =
  'find . -type f | sort | xargs cat | sha256sum; find . -type f | wc -l; find . -type f | sort | sha256sum';

/** Names, number and content of the files of a directory of this machine. */
function describeHere(directory: string): Promise<string> {
  return runPeer('sh', ['-c', `export LC_ALL=C; cd "$1"; ${digest}`, 'sh', directory]);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** Pushes a tree into an environment that is as good as new; gives the milliseconds, and whether all is there as it is here. */
async function pushOnce(
  engine: ContainerEngine,
  directory: string,
  wanted: string,
): Promise<{ readonly ms: number; readonly isIdentical: boolean }> {
  const spec = { sessionId: `bench-${randomUUID()}`, image: benchImage, network: 'open' } as const;
  const environment = await engine.startEnvironment(spec);
  const base = join(tmpdir(), `recac-bench-${randomUUID()}`);
  try {
    const strategy = createUploadWorkspace({ engine, path: directory, toBasePath: () => base });
    const ms = await timed(() => strategy.push(environment));
    const { stdout } = await engine.exec(environment.id, ['sh', '-c', `export LC_ALL=C; ${digest}`]);
    return { ms, isIdentical: stdout === wanted };
  } finally {
    await engine.stopEnvironment(environment.id);
    rmSync(base, { force: true });
  }
}

/** Copies a tree into a pod like an environment's. */
async function copyByKubectl(directory: string): Promise<number> {
  const job = await startByKubectl();
  try {
    const selector = ['--selector', `recac-bench=${job}`];
    const pod = await runKubectl(['get', 'pods', ...selector, '-o', 'jsonpath={.items[0].metadata.name}']);
    return await timed(() => runKubectl(['cp', `${directory}/.`, `${pod.trim()}:/mnt/workspace/`]));
  } finally {
    await removeByKubectl(job);
  }
}

/** B25: files go into an environment on Kubernetes. */
export const kubernetesUpload: BenchmarkRow = {
  id: 'B25-kubernetes',
  title: `B25: 10 000 files go into a pod, against kubectl cp; 100 uploads of ${smallTree} files, each complete and identical`,
  peer: 'kubectl cp DIR/. POD:/mnt/workspace/',
  run: async ({ quick }) => {
    await using engine = createKubernetesEngine({ kubeconfig });
    await engine.init();
    const times: { readonly ours: number[]; readonly peer: number[] } = { ours: [], peer: [] };
    await withManyFiles(tmpdir(), fileCount, async (directory) => {
      const wanted = await describeHere(directory);
      for (let repeat = -1; repeat < (quick ? 2 : 8); repeat += 1) {
        const { ms, isIdentical } = await pushOnce(engine, directory, wanted);
        assert.ok(isIdentical);
        const peer = await copyByKubectl(directory);
        if (repeat < 0) continue;
        times.ours.push(ms);
        times.peer.push(peer);
      }
    });
    const uploads = quick ? 5 : 100;
    const wrong = await withManyFiles(tmpdir(), smallTree, async (directory) => {
      const wanted = await describeHere(directory);
      let count = 0;
      for (let upload = 0; upload < uploads; upload += 1)
        if (!(await pushOnce(engine, directory, wanted)).isIdentical) count += 1;
      return count;
    });
    const [ours, peer] = [summarize(times.ours), summarize(times.peer)];
    return [
      ratioResult('10 000 files, p50 ms', ours.p50, peer.p50, 0.7, { ours, peer }),
      limitResult(`wrong of ${uploads} uploads of ${smallTree} files`, wrong, 0),
    ];
  },
};
