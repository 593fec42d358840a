import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ClusterConnection, callApi } from '../cluster-connection.ts';
import { type ClusterHolder, writeCommand } from '../cluster-holder.ts';
import { type ClusterPlan, kubeconfigPath } from '../cluster-plan.ts';
import { buildSimulator } from './build-simulator.ts';
import { simulatedAnnotation, simulatorPort, toSimulatedNode } from './simulated-node.ts';
import { simulatorConfiguration } from './simulator-configuration.ts';

/** Commands in simulated pods are processes of the cluster: what they write where an environment has its records goes with it, too. */
const withOwnRecords = 'mkdir -p /tmp/.recac && mount -t tmpfs records /tmp/.recac && exec "$@"';

/** Adds nodes that are simulated: their pods are running as soon as they are scheduled, and nothing runs. */
export async function startSimulator(
  plan: ClusterPlan,
  holder: ClusterHolder,
  connection: ClusterConnection,
  count: number,
): Promise<void> {
  const program = await buildSimulator();
  const configuration = join(plan.directory, 'simulator.yaml');
  await writeFile(configuration, simulatorConfiguration.map((object) => JSON.stringify(object)).join('\n---\n'));
  await writeCommand(plan, 'simulator', [
    'sh',
    '-c',
    withOwnRecords,
    'sh',
    program,
    `--kubeconfig=${kubeconfigPath(plan.directory)}`,
    `--config=${configuration}`,
    '--manage-all-nodes=false',
    `--manage-nodes-with-annotation-selector=${simulatedAnnotation}=fake`,
    `--node-ip=${plan.address}`,
    `--node-port=${simulatorPort}`,
    `--tls-cert-file=${join(plan.directory, 'pki/kubelet.crt')}`,
    `--tls-private-key-file=${join(plan.directory, 'pki/kubelet.key')}`,
    '--node-lease-duration-seconds=40',
  ]);
  await holder.start('simulator');
  for (let index = 0; index < count; index += 1)
    await callApi(connection, { method: 'POST', path: '/api/v1/nodes', body: toSimulatedNode(index) });
}
