import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RecacError } from '@recac/engine-core';
import { discardDirectory } from './discard-directory.ts';
import { readStartTime } from './process-start-time.ts';
import { parseStored, type StoredEnvironment } from './stored-environment.ts';

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
   * that is not empty fails. One without a record is what an end left that was itself ended: its name is free.
   * Errors: `RECAC_ENVIRONMENT_CONFLICT`, `RECAC_ENVIRONMENT_START_FAILED`.
   */
  async create(stored: StoredEnvironment): Promise<void> {
    await this.prepare();
    const directory = this.directory(stored.name);
    const staging = join(this.#root, `.new-${randomBytes(6).toString('hex')}`);
    try {
      await mkdir(staging, { mode: privateMode });
      for (const name of ['run', 'home', 'tmp', 'workspace', 'processes'])
        await mkdir(join(staging, name), { mode: privateMode });
      await writeFile(join(staging, recordName), JSON.stringify(stored), { mode: 0o600 });
      await rename(staging, directory).catch(async (error: unknown) => {
        if (!isTaken(error) || existsSync(join(directory, recordName))) throw error;
        await discardDirectory(this.#root, directory, { except: recordName });
        await rename(staging, directory);
      });
    } catch (error) {
      await rm(staging, { recursive: true, force: true });
      throw this.#toCreateError(error, stored, (await this.read(stored.name)) === undefined);
    }
  }

  /** The environment of this name, when it exists. */
  async read(name: string): Promise<StoredEnvironment | undefined> {
    if (!/^recac-agent-[a-z0-9-]+$/.test(name)) return undefined;
    const text = await readFile(join(this.directory(name), recordName), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : parseStored(text, name);
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
    await discardDirectory(this.#root, this.directory(name));
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

  #toCreateError(error: unknown, { name, sessionId }: StoredEnvironment, isDamaged: boolean): RecacError {
    if (isTaken(error)) {
      const message = isDamaged
        ? `${this.directory(name)} belongs to a session ${JSON.stringify(sessionId)} whose record is damaged. Save what you need of it and remove it, or use another session id.`
        : `an environment of session ${JSON.stringify(sessionId)} exists already. Stop it first, or use another session id.`;
      return new RecacError('RECAC_ENVIRONMENT_CONFLICT', message, { details: { name } });
    }
    if (RecacError.isInstance(error)) return error;
    const { code } = error as NodeJS.ErrnoException;
    const message = `the directory of the environment could not be made (${code ?? 'unknown cause'}). Check the disk and the mode of the state directory.`;
    return new RecacError('RECAC_ENVIRONMENT_START_FAILED', message, { cause: error, details: { reason: code } });
  }
}

function isTaken(error: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '');
}
