import type { ClusterPlan } from './cluster-plan.ts';
import { runProgram } from './run-program.ts';

/** Lays a cable (veth) from this network to the cluster's. It goes with the cluster's network. */
export async function layCable({ cable, ownAddress, address }: ClusterPlan, pid: number): Promise<void> {
  const inside = (...args: string[]): Promise<string> =>
    runProgram(['nsenter', '--target', String(pid), '--net', 'ip', ...args]);
  await runProgram(['ip', 'link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)]);
  await runProgram(['ip', 'address', 'add', `${ownAddress}/30`, 'dev', cable]);
  await runProgram(['ip', 'link', 'set', cable, 'up']);
  await inside('address', 'add', `${address}/30`, 'dev', 'eth0');
  await inside('link', 'set', 'eth0', 'up');
}
