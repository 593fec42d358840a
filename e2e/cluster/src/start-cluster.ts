import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildProgram } from './build-program.ts';
import { layCable } from './cable.ts';
import { makeCertificates } from './certificates.ts';
import { callApi, readConnection } from './cluster-connection.ts';
import { type ClusterHolder, holdCluster, writeCommands } from './cluster-holder.ts';
import { type ClusterPlan, kubeconfigPath, planCluster } from './cluster-plan.ts';
import { type ComponentName, componentNames } from './components.ts';
import { makeControlGroup } from './control-group.ts';
import { importPauseImage, importTestImages } from './node-images.ts';
import type { PolicyMode } from './policies/policy-mode.ts';
import { runProgram } from './run-program.ts';
import { cutSecondNode, reviveSecondNode, secondNodeOf, startSecondNode } from './second-node.ts';
import { startSimulator } from './simulator/start-simulator.ts';
import { stopCluster } from './stop-cluster.ts';
import { defaultStorageClass, storageClassPath } from './storage/storage-class.ts';
import type { MinorVersion } from './versions.ts';
import { writeConfiguration } from './write-configuration.ts';

/** Which cluster to start. */
export interface ClusterOptions {
  /** Directory of all its files; it must not exist, or be empty. */
  readonly directory: string;
  /** Version of Kubernetes. */
  readonly version: MinorVersion;
  /** It goes on when this process ends. Default: false, it ends with it. */
  readonly stays?: boolean;
  /** What it does with NetworkPolicies. Default: `reject`. */
  readonly policies?: PolicyMode;
  /** How many nodes it has. With two, one that says nothing counts as lost after 16 s. Default: 1. */
  readonly nodes?: 1 | 2;
  /** How many nodes it has on top that are only simulated: pods that tolerate the taint `recac.test/simulated` run there, as far as the API server knows. Default: 0. */
  readonly simulatedNodes?: number;
}

/** A cluster of ours. */
export interface RunningCluster extends AsyncDisposable {
  /** Directory of all its files. */
  readonly directory: string;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Address of the API server. */
  readonly server: string;
  /** Address of the service that pods ask for names; see `startNameServer`. */
  readonly dnsAddress: string;
  /** Runs kubectl as administrator and gives its stdout. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** Creates or changes objects, as `kubectl apply` does. */
  apply(...objects: readonly object[]): Promise<void>;
  /** Ends a component, by SIGTERM unless told, and waits until it is gone. */
  end(name: ComponentName, signal?: string): Promise<void>;
  /** Starts a component again. Nothing is waited for. */
  start(name: ComponentName): Promise<void>;
  /** Treats NetworkPolicies differently from now on. Resolves when those that exist are in force. */
  treatPolicies(mode: PolicyMode): Promise<void>;
  /** Cuts the network of the second node, without a word to anybody, or mends it. */
  cutSecondNode(isCut: boolean): Promise<void>;
  /** Starts the containerd and the kubelet of the second node again after they were ended. */
  reviveSecondNode(): Promise<void>;
  /** Ends everything and removes all that was made. */
  stop(): Promise<void>;
}

const readyLimitMs = 60_000;

/** Starts a real Kubernetes on this machine, in namespaces of its own. Needs what `missingForCluster` looks for. */
export async function startCluster({
  directory,
  version,
  stays = false,
  policies = 'reject',
  nodes = 1,
  simulatedNodes = 0,
}: ClusterOptions): Promise<RunningCluster> {
  const program = await buildProgram(version);
  const plan = planCluster(directory, program, nodes);
  await mkdir(join(directory, 'pki'), { recursive: true, mode: 0o700 });
  await writeFile(join(directory, 'plan.json'), JSON.stringify(plan, undefined, 2));
  try {
    const holder = await holdCluster(plan, stays);
    const cluster = toCluster(plan, holder);
    await start(plan, holder, cluster);
    if (simulatedNodes > 0) {
      await startSimulator(plan, holder, await readConnection(cluster.kubeconfig), simulatedNodes);
      const last = `simulated-${simulatedNodes - 1}`;
      await waitUntil(async () => isReady(cluster.kubectl, last), 'the simulated nodes are not ready');
    }
    await cluster.treatPolicies(policies);
    return cluster;
  } catch (error) {
    const logs = await readLogs(directory);
    await stopCluster(directory);
    throw new Error(`the cluster did not start: ${(error as Error).message}\n${logs}`, { cause: error });
  }
}

/** The cluster of a plan whose namespaces exist. */
export function toCluster(plan: ClusterPlan, holder: ClusterHolder): RunningCluster {
  const { directory, program, server, dnsAddress } = plan;
  const kubeconfig = kubeconfigPath(directory);
  const kubectl = [program, 'kubectl', '--kubeconfig', kubeconfig];
  const stop = (): Promise<void> => stopCluster(directory);
  const end: RunningCluster['end'] = async (name, signal = 'TERM') => {
    await holder.signal(name, signal);
    await waitUntil(async () => !(await exists(join(directory, `${name}.pid`))), `${name} did not end`);
  };
  return {
    directory,
    kubeconfig,
    server,
    dnsAddress,
    kubectl: (...args) => runProgram([...kubectl, ...args]),
    apply: async (...objects) => {
      await runProgram([...kubectl, 'apply', '-f', '-'], {
        input: objects.map((object) => JSON.stringify(object)).join('\n---\n'),
      });
    },
    end,
    start: (name) => holder.start(name),
    treatPolicies: async (mode) => {
      if (await exists(join(directory, 'policies.pid'))) await end('policies');
      await writeFile(join(directory, 'policies.mode'), mode);
      if (mode === 'ignore') return;
      await holder.start('policies');
      await waitUntil(() => exists(join(directory, 'policies.sock')), 'policies are not enforced');
    },
    cutSecondNode: (isCut) => cutSecondNode(holder, isCut),
    reviveSecondNode: () => reviveSecondNode(plan, holder),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function start(plan: ClusterPlan, holder: ClusterHolder, { kubectl, kubeconfig }: RunningCluster): Promise<void> {
  const { directory, address, serviceAddress, node, nodes, pauseImage } = plan;
  await layCable(plan, holder.pid);
  await makeControlGroup(plan.cgroup);
  await makeCertificates({ directory: join(directory, 'pki'), address, serviceAddress, node });
  await writeConfiguration(plan);
  await writeCommands(plan, componentNames);
  const socket = join(directory, 'containerd.sock');
  for (const name of ['etcd', 'apiserver', 'containerd'] as const) await holder.start(name);
  const images = waitUntil(() => exists(socket), 'containerd did not start')
    .then(() => importPauseImage(socket, pauseImage))
    .then(() => importTestImages(socket));
  images.catch(() => {});
  const isReady = async (): Promise<boolean> => (await kubectl('get', '--raw', '/readyz').catch(() => '')) === 'ok';
  await waitUntil(isReady, 'the API server is not ready');
  for (const name of ['controller-manager', 'scheduler', 'kubelet', 'proxy', 'storage'] as const)
    await holder.start(name);
  const connection = await readConnection(kubeconfig);
  await callApi(connection, { method: 'POST', path: storageClassPath, body: defaultStorageClass });
  await waitUntil(async () => hasNode(kubectl, node), 'the node is not ready');
  if (nodes === 2) {
    await startSecondNode(plan, holder);
    await waitUntil(async () => hasNode(kubectl, secondNodeOf(plan).node), 'the second node is not ready');
  }
  await waitUntil(async () => hasAccount(kubectl), 'the default service account is not there');
  await images;
}

async function isReady(kubectl: RunningCluster['kubectl'], node: string): Promise<boolean> {
  const path = '{.status.conditions[?(@.type=="Ready")].status}';
  return (await kubectl('get', 'node', node, '-o', `jsonpath=${path}`).catch(() => '')) === 'True';
}

/** Ready, and open for pods. */
async function hasNode(kubectl: RunningCluster['kubectl'], node: string): Promise<boolean> {
  const path = '{.status.conditions[?(@.type=="Ready")].status}{.spec.taints}';
  return (await kubectl('get', 'node', node, '-o', `jsonpath=${path}`).catch(() => '')) === 'True';
}

async function hasAccount(kubectl: RunningCluster['kubectl']): Promise<boolean> {
  return (await kubectl('get', 'serviceaccount', 'default', '-o', 'name').catch(() => '')) !== '';
}

async function waitUntil(isTrue: () => Promise<boolean>, problem: string): Promise<void> {
  const giveUpAt = performance.now() + readyLimitMs;
  while (!(await isTrue())) {
    if (performance.now() > giveUpAt) throw new Error(problem);
    await delay(150);
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function readLogs(directory: string): Promise<string> {
  const texts = componentNames.map(async (name) => {
    const text = await readFile(join(directory, 'log', `${name}.log`), 'utf8').catch(() => '');
    return text === '' ? '' : `--- ${name}\n${text.trim().split('\n').slice(-8).join('\n')}`;
  });
  return (await Promise.all(texts)).filter(Boolean).join('\n');
}
