import { rm, stat } from 'node:fs/promises';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { findHolder } from './cluster-holder.ts';
import { readPlan } from './cluster-plan.ts';
import { removeControlGroup } from './control-group.ts';
import { runProgram } from './run-program.ts';
import { secondNodeOf } from './second-node.ts';

/** Ends a cluster, whole or half started, and removes all that it made. One that is gone is fine. */
export async function stopCluster(directory: string): Promise<void> {
  const plan = await readPlan(directory).catch(() => undefined);
  if (plan === undefined) return;
  const holder = await findHolder(directory);
  if (holder) {
    // The init of a process namespace takes everything in it along.
    process.kill(holder.pid, 'SIGTERM');
    if (!(await isGone(holder.pid, 5_000))) process.kill(holder.pid, 'SIGKILL');
    if (!(await isGone(holder.pid, 30_000))) throw new Error(`process ${holder.pid} of the cluster does not end`);
  }
  await runProgram(['ip', 'link', 'delete', plan.cable]).catch(() => {});
  await removeControlGroup(plan.cgroup);
  await removeControlGroup(secondNodeOf(plan).cgroup);
  await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

async function isGone(pid: number, limitMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + limitMs;
  while (await stat(`/proc/${pid}`).catch(() => undefined)) {
    if (performance.now() > giveUpAt) return false;
    await delay(50);
  }
  return true;
}
