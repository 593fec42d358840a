import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterPlan } from './cluster-plan.ts';
import { type ComponentName, type FirstNodeComponent, toCommand } from './components.ts';
import { runProgram } from './run-program.ts';

/** Namespaces in which the components of a cluster run. They and everything in them end with their first process. */
export interface ClusterHolder {
  /** Process id of the namespaces' init on this machine. */
  readonly pid: number;
  /** Starts a component. */
  start(name: ComponentName): Promise<void>;
  /** Sends a component a signal, such as `TERM`. */
  signal(name: ComponentName, signal: string): Promise<void>;
}

const script = join(import.meta.dirname, 'hold-cluster.sh');

/** File through which a cluster that stays is told what to do. */
const controlPath = (directory: string): string => join(directory, 'control');

/** File with the process id of the namespaces' init. */
const pidPath = (directory: string): string => join(directory, 'init.pid');

/** Makes the namespaces. With `stays` they outlive this process, else they end with it, however it ends. */
export async function holdCluster({ directory }: ClusterPlan, stays: boolean): Promise<ClusterHolder> {
  const namespaces = ['--pid', '--mount', '--net', '--propagation', 'slave', '--fork', '--kill-child', '--mount-proc'];
  const argv = [...namespaces, 'tini', '--', 'sh', script, directory];
  await runProgram(['mkfifo', '-m', '600', controlPath(directory)]);
  // Open for both, so that it never ends.
  const control = stays ? await open(controlPath(directory), 'r+') : undefined;
  const child = spawn('unshare', argv, { detached: true, stdio: [control?.fd ?? 'pipe', 'pipe', 'inherit'] });
  await control?.close();
  const failed = Promise.race([
    once(child, 'error').then(([error]) => Promise.reject(error)),
    once(child, 'exit').then(([code]) =>
      Promise.reject(new Error(`unshare could not make namespaces: exit code ${code}`)),
    ),
  ]);
  failed.catch(() => {});
  await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), failed]);
  child.stdout?.resume();
  child.stdout?.on('error', () => {});
  const pid = await findChild(child.pid ?? 0);
  await writeFile(pidPath(directory), `${pid} ${await readStart(pid)}\n`);
  child.unref();
  (child.stdout as unknown as { unref?: () => void })?.unref?.();
  return stays ? toHolder(directory, pid) : toHolder(directory, pid, child);
}

/** The namespaces of a cluster that stays; undefined when they are gone. */
export async function findHolder(directory: string): Promise<ClusterHolder | undefined> {
  const [pid, start] = (await readFile(pidPath(directory), 'utf8').catch(() => '')).trim().split(' ');
  if (pid === undefined || start === undefined) return undefined;
  return (await readStart(Number(pid))) === start ? toHolder(directory, Number(pid)) : undefined;
}

/** Writes down how each component is started. */
export async function writeCommands(plan: ClusterPlan, names: readonly FirstNodeComponent[]): Promise<void> {
  for (const name of names) await writeCommand(plan, name, toCommand(plan, name));
}

/** Writes down how a component is started. */
export async function writeCommand(
  { directory }: ClusterPlan,
  name: ComponentName,
  argv: readonly string[],
): Promise<void> {
  const command = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  await writeFile(
    join(directory, `${name}.command`),
    `echo $$ >'${directory}/${name}.pid'\nexec ${command.join(' ')}\n`,
  );
}

function toHolder(directory: string, pid: number, child?: ChildProcess): ClusterHolder {
  const say = async (line: string): Promise<void> => {
    if (child) child.stdin?.write(`${line}\n`);
    else await writeFile(controlPath(directory), `${line}\n`);
  };
  return {
    pid,
    start: (name) => say(`start ${name}`),
    signal: (name, signal) => say(`${signal} ${name}`),
  };
}

async function findChild(parent: number): Promise<number> {
  const children = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8');
  return Number(children.trim().split(' ')[0]);
}

/** Field 22 of the process's stat: tells it from a later one of the same id. */
async function readStart(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
