// A real Kubernetes on this machine: `node e2e/cluster/src/main.ts up [--version 1.34] [--policies reject] [--nodes 2] [--simulated-nodes 10] [--directory DIR]`, and `down [--directory DIR]`.
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { missingForCluster } from './missing-parts.ts';
import { parseNodes, parseSimulatedNodes } from './node-counts.ts';
import { parsePolicyMode, policyModes } from './policies/policy-mode.ts';
import { startCluster } from './start-cluster.ts';
import { stopCluster } from './stop-cluster.ts';
import { parseVersion } from './versions.ts';

const { values, positionals } = parseArgs({
  options: {
    version: { type: 'string' },
    policies: { type: 'string' },
    nodes: { type: 'string', default: '1' },
    'simulated-nodes': { type: 'string', default: '0' },
    directory: { type: 'string', default: join(tmpdir(), 'recac-cluster') },
  },
  allowPositionals: true,
});
const directory = resolve(values.directory);
const missing = missingForCluster();

if (missing !== undefined) {
  console.error(missing);
  process.exitCode = 1;
} else if (positionals[0] === 'up') {
  const started = performance.now();
  const version = parseVersion(values.version);
  const policies = parsePolicyMode(values.policies);
  const nodes = parseNodes(values.nodes);
  const simulatedNodes = parseSimulatedNodes(values['simulated-nodes']);
  await stopCluster(directory);
  const { kubeconfig } = await startCluster({ directory, version, policies, nodes, simulatedNodes, stays: true });
  console.error(`Kubernetes ${version} is ready after ${((performance.now() - started) / 1_000).toFixed(1)} s`);
  console.log(kubeconfig);
  process.exit(0);
} else if (positionals[0] === 'down') {
  await stopCluster(directory);
} else {
  console.error(
    `Usage: node e2e/cluster/src/main.ts up|down [--version 1.34|1.37] [--policies ${policyModes.join('|')}] [--nodes 1|2] [--simulated-nodes N] [--directory DIR]`,
  );
  process.exitCode = 2;
}
