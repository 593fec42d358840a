import assert from 'node:assert/strict';
import type { ContainerEngine, EnvironmentSpec } from '@recac/engine-core';
import { type BenchmarkRow, type RowResult, ratioResult } from '../../benchmark-row.ts';
import { benchSpec, withDockerEngine } from '../../docker/docker-environment.ts';
import { docker, removeContainers, runCommandLine, runContainer } from '../../docker/docker-peer.ts';
import { execTrue } from '../../docker/exec-true.ts';
import { withBindDirectory } from '../../docker/with-bind-directory.ts';
import { summarize } from '../../statistics.ts';

/** Times of one start, in milliseconds since it began. */
interface StartTimes {
  readonly started: number;
  readonly firstCommand: number;
}

async function startOurs(engine: ContainerEngine, workspace: EnvironmentSpec['workspace']): Promise<StartTimes> {
  const begin = performance.now();
  const { id } = await engine.startEnvironment(benchSpec(workspace));
  const started = performance.now() - begin;
  await execTrue(engine, id);
  const firstCommand = performance.now() - begin;
  await engine.stopEnvironment(id);
  return { started, firstCommand };
}

async function startPeer(bindDirectory: string | undefined): Promise<StartTimes> {
  const begin = performance.now();
  const id = await runContainer(bindDirectory);
  if (bindDirectory === undefined) await docker('exec', '-u', '0', id, 'chmod', '1777', '/workspace');
  const started = performance.now() - begin;
  await docker('exec', id, 'true');
  const firstCommand = performance.now() - begin;
  await removeContainers(id);
  return { started, firstCommand };
}

async function compare(engine: ContainerEngine, repeats: number, bindDirectory?: string): Promise<RowResult[]> {
  const workspace = bindDirectory === undefined ? undefined : { type: 'bind' as const, hostPath: bindDirectory };
  const name = bindDirectory === undefined ? 'scratch workspace' : 'bind mount';
  const ours: StartTimes[] = [];
  const peer: StartTimes[] = [];
  for (let repeat = -1; repeat < repeats; repeat += 1) {
    const one = await startOurs(engine, workspace);
    const other = await startPeer(bindDirectory);
    if (repeat < 0) continue;
    ours.push(one);
    peer.push(other);
  }
  return (
    [
      ['started', 0.95],
      ['firstCommand', 0.75],
    ] as const
  ).map(([field, gate]) => {
    const [a, b] = [ours, peer].map((times) => summarize(times.map((time) => time[field])));
    assert.ok(a && b);
    const metric = field === 'started' ? 'B1 p50 ms until it runs' : 'B2 p50 ms until its first command is done';
    return ratioResult(`${metric}, ${name}`, a.p50, b.p50, gate, { ours: a, peer: b });
  });
}

/** B1 and B2: a start, hardened, and with it the first command. */
export const coldStart: BenchmarkRow = {
  id: 'B1-docker',
  title: 'B1 and B2: startEnvironment (first lane open), then exec([true]), against docker run -d, then docker exec',
  peer: `${runCommandLine}; scratch: docker exec -u 0 ID chmod 1777 /workspace; docker exec ID true`,
  run: ({ quick }) =>
    withDockerEngine((engine) =>
      withBindDirectory(async (directory) => {
        const repeats = quick ? 5 : 20;
        const scratch = await compare(engine, repeats);
        return [...scratch, ...(await compare(engine, repeats, directory))];
      }),
    ),
};
