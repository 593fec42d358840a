import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import process from 'node:process';
import { RecacError } from '@recac/engine-core';

/** Variable that marks every process of an environment: its directory, since other state directories may hold environments of the same name. */
export const environmentVariable = 'RECAC_ENVIRONMENT';

/** One process that may belong to an environment of ours. */
interface ListedProcess {
  readonly pid: number;
  /** The directory of its environment, when it has one. */
  readonly directory: string | undefined;
  /** What its stdin, stdout and stderr are. */
  readonly streams: readonly string[];
}

const marker = Buffer.from(`\0${environmentVariable}=`);
const goneOrForeign = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

/** Reads something of a process; undefined when it is gone or not ours. Any other failure must not pass for that. */
function lookAt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (goneOrForeign.has(code ?? '')) return undefined;
    throw new RecacError(
      'RECAC_EXEC_FAILED',
      `the process table could not be read (${code}). Raise the limit of open files.`,
      {
        cause: error,
      },
    );
  }
}

function readDirectory(pid: string): string | undefined {
  const environment = lookAt(() => readFileSync(`/proc/${pid}/environ`));
  if (!environment) return undefined;
  const bytes = Buffer.concat([Buffer.from('\0'), environment]);
  const at = bytes.indexOf(marker);
  if (at < 0) return undefined;
  const start = at + marker.length;
  const end = bytes.indexOf(0, start);
  return bytes.toString('utf8', start, end < 0 ? undefined : end);
}

function readProcess(pid: string): ListedProcess {
  const directory = readDirectory(pid);
  const streams = ['0', '1', '2'].flatMap((fd) => lookAt(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? []);
  return { pid: Number(pid), directory, streams };
}

function holdsFifo(listed: ListedProcess, directory: string): boolean {
  return listed.streams.some((path) => path.startsWith(`${directory}/`) && /\.(o|e|i)( \(deleted\))?$/.test(path));
}

/** The processes of this machine, from /proc. Callers that ask at the same time share one look. */
export class ProcessTable {
  #next: Promise<readonly ListedProcess[]> | undefined;

  /**
   * Ids of the processes of one environment: those with its directory in their environment, and those whose stdin, stdout or stderr is
   * a FIFO in its run directory, which finds one that cleared its environment. Zombies have neither.
   */
  async find(directory: string, runDirectory: string): Promise<readonly number[]> {
    const listed = await this.#look();
    return listed.filter((one) => one.directory === directory || holdsFifo(one, runDirectory)).map(({ pid }) => pid);
  }

  /** A look that begins after the call: synchronous reads are three times as fast as promises here and hold one file open. */
  #look(): Promise<readonly ListedProcess[]> {
    this.#next ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        this.#next = undefined;
        try {
          const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
          resolve(pids.map(readProcess));
        } catch (error) {
          reject(error);
        }
      });
    });
    return this.#next;
  }
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
