import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RecacError } from '@recac/engine-core';
import { readStartTime } from './process-start-time.ts';
import { removeTree } from './remove-tree.ts';

/** What is kept about a local environment, as JSON in its directory. */
export interface StoredEnvironment {
  /** Its id and name, `recac-agent-…`. */
  readonly name: string;
  /** The session id as given. */
  readonly sessionId: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Directory that commands start in. */
  readonly workspacePath: string;
  /** The caller's labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Variables of every command. */
  readonly environmentVariables: Readonly<Record<string, string>>;
  /** User of every command, when not ours. */
  readonly user?: string;
  /** Lease length, when it has one. */
  readonly leaseMs?: number;
  /** Id of the workspace that outlives it, when it works in one. */
  readonly kept?: string;
  /** That workspace was kept before, and a stop leaves it. */
  readonly wasKept?: boolean;
}

const recordName = 'environment.json';
const privateMode = 0o700;

/** The directories of all local environments of one state directory. Their existence is the only state. */
export class EnvironmentStore {
  #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Where the directories lie; once prepared, without symbolic links, since processes are found by this path. */
  get root(): string {
    return this.#root;
  }

  /** Directory of an environment. */
  directory(name: string): string {
    return join(this.#root, name);
  }

  /** Directory of an environment's command records. */
  runDirectory(name: string): string {
    return join(this.#root, name, 'run');
  }

  /** Makes the state directory. Errors: `RECAC_PERMISSION_DENIED`. */
  async prepare(): Promise<void> {
    try {
      await mkdir(this.#root, { recursive: true, mode: privateMode });
      this.#root = await realpath(this.#root);
    } catch (error) {
      throw new RecacError(
        'RECAC_PERMISSION_DENIED',
        `the state directory ${this.#root} cannot be made. Choose another with local.state_directory.`,
        { cause: error },
      );
    }
  }

  /**
   * Makes an environment's directory: complete or not at all, and only when its name is free, since renaming onto a directory
   * that is not empty fails. Errors: `RECAC_ENVIRONMENT_CONFLICT`, `RECAC_ENVIRONMENT_START_FAILED`.
   */
  async create(stored: StoredEnvironment): Promise<void> {
    await this.prepare();
    const staging = join(this.#root, `.new-${randomBytes(6).toString('hex')}`);
    try {
      await mkdir(staging, { mode: privateMode });
      for (const name of ['run', 'home', 'tmp', 'workspace', 'processes'])
        await mkdir(join(staging, name), { mode: privateMode });
      await writeFile(join(staging, recordName), JSON.stringify(stored), { mode: 0o600 });
      await rename(staging, this.directory(stored.name));
    } catch (error) {
      await rm(staging, { recursive: true, force: true });
      throw toCreateError(error, stored);
    }
  }

  /** The environment of this name, when it exists. */
  async read(name: string): Promise<StoredEnvironment | undefined> {
    if (!/^recac-agent-[a-z0-9-]+$/.test(name)) return undefined;
    const text = await readFile(join(this.directory(name), recordName), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : parseStored(text);
  }

  /** All environments. */
  async list(): Promise<readonly StoredEnvironment[]> {
    const names = await readdir(this.#root).catch(() => []);
    const found = await Promise.all(names.map((name) => this.read(name)));
    return found.filter((stored) => stored !== undefined);
  }

  /** Takes the environment out of the list at once, then deletes its files. Nothing happens when it is gone. */
  async remove(name: string): Promise<void> {
    if (!/^recac-agent-[a-z0-9-]+$/.test(name)) return;
    const leaving = join(this.#root, `.old-${randomBytes(6).toString('hex')}`);
    try {
      await rename(this.directory(name), leaving);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw cannotRemove(name, error);
    }
    await removeTree(leaving).catch((error: unknown) => {
      throw cannotRemove(name, error);
    });
  }

  /** Writes down a process group of ours, for systems that cannot look processes up by environment. */
  async addProcess(name: string, pid: number): Promise<void> {
    const startTime = await readStartTime(pid);
    await writeFile(join(this.directory(name), 'processes', String(pid)), startTime ?? '', { mode: 0o600 });
  }

  /** Forgets a process group that has ended. */
  async removeProcess(name: string, pid: number): Promise<void> {
    await rm(join(this.directory(name), 'processes', String(pid)), { force: true });
  }

  /** The process groups written down whose leader is still the one it was, or gone: an id that was given to another process is left out. */
  async listProcesses(name: string): Promise<readonly number[]> {
    const directory = join(this.directory(name), 'processes');
    const pids = (await readdir(directory).catch(() => [])).map(Number);
    const ours = pids.map(async (pid) => {
      const noted = await readFile(join(directory, String(pid)), 'utf8').catch(() => undefined);
      const now = await readStartTime(pid);
      return now === undefined || now === noted;
    });
    const isOurs = await Promise.all(ours);
    return pids.filter((_, index) => isOurs[index]);
  }

  /** Lets another user reach the environment: it must pass through our directories, and write records and the scratch workspace. */
  async open(name: string): Promise<void> {
    await chmod(this.#root, 0o711);
    await chmod(this.directory(name), 0o711);
    await chmod(this.runDirectory(name), 0o1777);
    await chmod(join(this.directory(name), 'workspace'), 0o1777);
    await chmod(join(this.directory(name), 'tmp'), 0o1777);
  }
}

function cannotRemove(name: string, cause: unknown): RecacError {
  return new RecacError(
    'RECAC_PERMISSION_DENIED',
    `the files of ${name} could not be removed (${(cause as NodeJS.ErrnoException).code ?? 'unknown cause'}). Remove them by hand, or as the user who owns them.`,
    { cause },
  );
}

/** A record that is no JSON, such as one that a command has overwritten, names no environment; its directory can still be removed. */
function parseStored(text: string): StoredEnvironment | undefined {
  try {
    return JSON.parse(text) as StoredEnvironment;
  } catch {
    return undefined;
  }
}

function toCreateError(error: unknown, stored: StoredEnvironment): RecacError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOTEMPTY' || code === 'EEXIST') {
    return new RecacError(
      'RECAC_ENVIRONMENT_CONFLICT',
      `an environment of session ${JSON.stringify(stored.sessionId)} exists already. Stop it first, or use another session id.`,
      {
        details: { name: stored.name },
      },
    );
  }
  return new RecacError(
    'RECAC_ENVIRONMENT_START_FAILED',
    `the directory of the environment could not be made (${code ?? 'unknown cause'}). Check the disk and the mode of the state directory.`,
    {
      cause: error,
      details: { reason: code },
    },
  );
}
