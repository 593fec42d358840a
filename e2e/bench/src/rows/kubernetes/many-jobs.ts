import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ContainerEngine } from '@recac/engine-core';
import { createKubernetesEngine } from '@recac/engine-k8s';
import { type BenchmarkRow, limitResult, ratioResult } from '../../benchmark-row.ts';
import { countRequests } from '../../kubernetes/count-requests.ts';
import { runKubectl } from '../../kubernetes/kubectl-peer.ts';
import { benchImage, kubeconfig, toPeerJob } from '../../kubernetes/peer-job.ts';

const label = 'recac.test/simulated';
const nodeSelector = { [label]: 'true' };
const tolerations = [{ key: label, operator: 'Exists' }] as const;

async function seconds(work: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1_000;
}

/** All environments at once, each until its shell has answered, which kubectl does not ask for, then all stopped until their pods are gone. */
async function runOurs(engine: ContainerEngine, count: number): Promise<void> {
  const starting = Array.from({ length: count }, () =>
    engine.startEnvironment({
      sessionId: `bench-${randomUUID()}`,
      image: benchImage,
      network: 'open',
      pendingTimeoutMs: 1_200_000,
    }),
  );
  const started = await Promise.all(starting);
  assert.equal(new Set(started.map(({ id }) => id)).size, count);
  await Promise.all(started.map(({ id }) => engine.stopEnvironment(id)));
}

/** One list, until every pod is ready; then a delete by label, until every pod is gone. */
async function runPeer(count: number): Promise<void> {
  const run = randomUUID();
  const items = Array.from({ length: count }, () => {
    const job = toPeerJob();
    const { template } = job.spec;
    const labels = { 'recac-bench-run': run };
    const spec = { ...template.spec, nodeSelector, tolerations };
    return {
      ...job,
      metadata: { ...job.metadata, labels },
      spec: { ...job.spec, template: { metadata: { labels }, spec } },
    };
  });
  const selector = ['--selector', `recac-bench-run=${run}`];
  await runKubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const waiting = ['wait', 'pod', ...selector, '--for', 'condition=Ready', '--timeout', '1200s', '-o', 'name'];
  // Pods that are not there yet are not waited for.
  for (let ready = 0; ready < count; ) {
    const output = await runKubectl(waiting).catch(() => '');
    ready = output.split('\n').filter((line) => line !== '').length;
  }
  await runKubectl(['delete', 'job', ...selector, '--wait']);
  await runKubectl(['wait', 'pod', ...selector, '--for', 'delete', '--timeout', '1200s']).catch(() => '');
  assert.equal(await runKubectl(['get', 'pod', ...selector, '-o', 'name']), '');
}

/** B22: many Jobs at once on simulated nodes, whose pods run as soon as they are scheduled, so that the clients and the control plane are what is measured. */
export const manyJobs: BenchmarkRow = {
  id: 'B22-kubernetes',
  title: 'B22: 500 environments started at once and stopped, against one list of 500 Jobs with kubectl',
  peer: 'kubectl create -f LIST; kubectl wait pod -l … --for condition=Ready; kubectl delete job -l … --wait; kubectl wait pod -l … --for delete',
  run: async ({ quick }) => {
    const count = quick ? 20 : 500;
    const nodes = await runKubectl(['get', 'node', '--selector', label, '-o', 'name']);
    assert.notEqual(nodes, '', 'this row needs simulated nodes: e2e/cluster/src/main.ts up --simulated-nodes 10');
    await using engine = createKubernetesEngine({ kubeconfig, nodeSelector, tolerations });
    await runOurs(engine, 1);
    await runPeer(1);
    const [ours, peer]: [number[], number[]] = [[], []];
    let requests: Readonly<Record<string, number>> = {};
    for (let repeat = 0; repeat < (quick ? 1 : 2); repeat += 1) {
      requests = await countRequests(async () => {
        ours.push(await seconds(() => runOurs(engine, count)));
      });
      peer.push(await seconds(() => runPeer(count)));
    }
    const total = Object.values(requests).reduce((sum, some) => sum + some, 0);
    return [
      ratioResult('s until all ran and all were gone', Math.min(...ours), Math.min(...peer), 1.1, { ours, peer }),
      limitResult('client requests for each Job', total / count, 4, { count, requests }),
    ];
  },
};
