import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** When a process started, as `ps` says it on Linux and macOS; undefined when there is none. Tells a process from a later one with its id. */
export async function readStartTime(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], {
      env: { ...process.env, LC_ALL: 'C' },
    });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
