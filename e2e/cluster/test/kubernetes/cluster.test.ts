import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { type ClusterPlan, readPlan } from '../../src/cluster-plan.ts';
import { describeCluster } from '../../src/describe-cluster.ts';
import { missingForCluster } from '../../src/missing-parts.ts';
import { runProgram } from '../../src/run-program.ts';
import { startCluster } from '../../src/start-cluster.ts';
import { stopCluster } from '../../src/stop-cluster.ts';
import { startRegistry } from '../../src/test-registry.ts';
import { parseVersion } from '../../src/versions.ts';

vi.setConfig({ testTimeout: 120_000 });

/** What a cluster could leave on a machine, beside its directory. Other clusters may come and go meanwhile. */
async function traces({ directory, id }: ClusterPlan): Promise<readonly string[]> {
  const [links, mounts, groups] = await Promise.all([
    runProgram(['ip', '-brief', 'link']),
    readFile('/proc/self/mounts', 'utf8'),
    runProgram(['find', '/sys/fs/cgroup', '-maxdepth', '2', '-name', 'recac-*']),
  ]);
  const lines = `${links}\n${mounts}\n${groups}`
    .split('\n')
    .filter((line) => line.includes(id) || line.includes(directory));
  const processes = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map(async (pid) =>
        (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(directory) ? pid : '',
      ),
  );
  return [...lines, ...processes].filter((text) => text !== '');
}

describeCluster('a cluster of its own', () => {
  const missing = missingForCluster();
  const left = missing === undefined ? '' : ` (skipped: ${missing})`;
  test.skipIf(missing !== undefined)(
    `its parts can be ended and started, and nothing of it is left, also when it was not stopped in order${left}`,
    async () => {
      const directory = await mkdtemp(join(tmpdir(), 'recac-own-cluster-'));
      const version = parseVersion(process.env.RECAC_TEST_KUBERNETES_VERSION);
      const cluster = await startCluster({ directory, version, stays: true });
      const plan = await readPlan(directory);
      expect(await cluster.kubectl('get', 'nodes', '-o', 'name')).toBe('node/recac-node\n');
      expect((await traces(plan)).length).toBeGreaterThan(3);
      // On SIGTERM it waits a minute for the watches of the others.
      await cluster.end('apiserver', 'KILL');
      await expect(cluster.kubectl('get', 'nodes')).rejects.toThrow(/refused/);
      await cluster.start('apiserver');
      await expect
        .poll(() => cluster.kubectl('get', '--raw', '/readyz').catch(() => ''), { timeout: 60_000 })
        .toBe('ok');
      await startRegistry(cluster, { port: 5_000 });
      await cluster.end('kubelet', 'KILL');
      await stopCluster(directory);
      await rm(directory, { recursive: true, force: true });
      expect(await traces(plan)).toEqual([]);
      await stopCluster(directory);
    },
  );
});
