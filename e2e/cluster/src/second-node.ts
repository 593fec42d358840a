import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeNodeCertificates } from './certificates.ts';
import { type ClusterHolder, writeCommand } from './cluster-holder.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import { type SecondNodeComponent, toCommand } from './components.ts';
import { makeControlGroup } from './control-group.ts';
import { importPauseImage, importTestImages } from './node-images.ts';
import { runProgram } from './run-program.ts';
import { writeConfiguration } from './write-configuration.ts';

const cable = 'node-2';
const gateway = '198.19.0.1';
const startLimitMs = 60_000;

/** The second node of a cluster, as the plan of a cluster whose node it would be. Its network is behind that of the first. */
export function planSecondNode(plan: ClusterPlan): ClusterPlan {
  return {
    ...plan,
    directory: join(plan.directory, 'node-2'),
    address: '198.19.0.2',
    podRange: '10.244.1.0/24',
    node: secondNodeOf(plan).node,
    cgroup: secondNodeOf(plan).cgroup,
  };
}

/** What the second node is called, and the control group of its pods. */
export function secondNodeOf({ node, cgroup }: ClusterPlan): Pick<ClusterPlan, 'node' | 'cgroup'> {
  return { node: `${node}-2`, cgroup: `${cgroup}-2` };
}

/** Starts a second kubelet with a containerd and a proxy of its own, in a network of its own. Whether it is ready is not waited for. */
export async function startSecondNode(cluster: ClusterPlan, holder: ClusterHolder): Promise<void> {
  const plan = planSecondNode(cluster);
  await mkdir(join(plan.directory, 'pki'), { recursive: true, mode: 0o700 });
  await makeNodeCertificates({
    ...plan,
    authority: join(cluster.directory, 'pki'),
    directory: join(plan.directory, 'pki'),
  });
  await writeConfiguration(plan, ['kubelet', 'proxy']);
  await makeControlGroup(plan.cgroup);
  const pid = await makeNetwork(cluster, holder);
  await layNodeCable(plan, holder, pid);
  const inNetwork = ['nsenter', `--net=/proc/${pid}/ns/net`, '--'];
  for (const name of ['containerd', 'kubelet', 'proxy'] as const) {
    const component: SecondNodeComponent = `${name}-2`;
    await writeCommand(cluster, component, [...inNetwork, ...toCommand(plan, name)]);
    await holder.start(component);
    if (name === 'containerd') await importImages(plan);
  }
}

/** Starts the second node again after its containerd and kubelet were ended. Whether it is ready is not waited for. */
export async function reviveSecondNode(cluster: ClusterPlan, holder: ClusterHolder): Promise<void> {
  await holder.start('containerd-2');
  await untilAnswering(planSecondNode(cluster));
  await holder.start('kubelet-2');
}

/** Cuts the second node's network, without a word to anybody, or mends it. */
export async function cutSecondNode(holder: ClusterHolder, isCut: boolean): Promise<void> {
  await inside(holder, ['ip', 'link', 'set', cable, isCut ? 'down' : 'up']);
  if (!isCut) await routePods(holder);
}

/** The network lives as long as a process that does nothing. Gives its process id, as the cluster's other processes see it. */
async function makeNetwork(cluster: ClusterPlan, holder: ClusterHolder): Promise<string> {
  const script = [
    'ip link set lo up',
    'sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1 2>/dev/null',
    'touch "$0/network"',
    'exec sleep infinity',
  ].join('\n');
  const { directory } = planSecondNode(cluster);
  await writeCommand(cluster, 'network-2', ['unshare', '--net', 'sh', '-c', script, directory]);
  await holder.start('network-2');
  const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => 'none');
  while ((await read(join(directory, 'network'))) === 'none') await delay(20);
  return (await read(join(cluster.directory, 'network-2.pid'))).trim();
}

async function layNodeCable({ address }: ClusterPlan, holder: ClusterHolder, pid: string): Promise<void> {
  const there = (...args: string[]): Promise<string> =>
    inside(holder, ['nsenter', `--net=/proc/${pid}/ns/net`, '--', 'ip', ...args]);
  await inside(holder, ['ip', 'link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', pid]);
  await inside(holder, ['ip', 'address', 'add', `${gateway}/30`, 'dev', cable]);
  await inside(holder, ['ip', 'link', 'set', cable, 'up']);
  await there('address', 'add', `${address}/30`, 'dev', 'eth0');
  await there('link', 'set', 'eth0', 'up');
  await there('route', 'add', 'default', 'via', gateway);
  await routePods(holder);
}

/** A route goes with its interface. */
async function routePods(holder: ClusterHolder): Promise<void> {
  await inside(holder, ['ip', 'route', 'replace', '10.244.1.0/24', 'via', '198.19.0.2']);
}

function inside({ pid }: ClusterHolder, argv: readonly string[]): Promise<string> {
  return runProgram(['nsenter', '--target', String(pid), '--net', '--pid', '--mount', '--', ...argv]);
}

async function importImages(plan: ClusterPlan): Promise<void> {
  const socket = await untilAnswering(plan);
  await importPauseImage(socket, plan.pauseImage);
  await importTestImages(socket);
}

/** Waits for containerd: a kubelet that comes before it ends. Gives its socket. */
async function untilAnswering({ directory }: ClusterPlan): Promise<string> {
  const socket = join(directory, 'containerd.sock');
  const isAnswering = (): Promise<boolean> =>
    runProgram(['ctr', '--address', socket, 'version']).then(
      () => true,
      () => false,
    );
  const giveUpAt = performance.now() + startLimitMs;
  while (!(await isAnswering())) {
    if (performance.now() > giveUpAt) throw new Error('containerd of the second node did not start');
    await delay(100);
  }
  return socket;
}
