import { readdir, readFile, readlink } from 'node:fs/promises';
import process from 'node:process';

async function hasMarker(pid: string, marker: Buffer): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`).catch(() => undefined);
  return environment !== undefined && Buffer.concat([Buffer.from('\0'), environment]).includes(marker);
}

async function holdsFifo(pid: string, directory: string): Promise<boolean> {
  const links = await Promise.all(['0', '1', '2'].map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  return links.some((link) => link.startsWith(`${directory}/`) && /\.(o|e|i)( \(deleted\))?$/.test(link));
}

/**
 * Ids of the processes of one environment: those with `variable` in their environment, and those whose
 * stdin, stdout or stderr is a FIFO in the run directory, which finds one that cleared its environment. Zombies have neither.
 */
export async function findProcesses(variable: string, runDirectory: string): Promise<readonly number[]> {
  const marker = Buffer.from(`\0${variable}\0`);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => (await hasMarker(pid, marker)) || (await holdsFifo(pid, runDirectory))),
  );
  return pids.filter((_, index) => found[index]).map(Number);
}

/** Signals a process (0: only asks whether it exists), or a whole group when the id is negative; true unless it was gone. */
export function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
