import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EnvironmentSpec, type KeptWorkspace, RecacError } from '@recac/engine-core';
import { discardDirectory } from './discard-directory.ts';
import type { EnvironmentStore } from './environment-store.ts';
import { isTime, parseRecord } from './stored-environment.ts';

const recordName = 'kept.json';

/** Workspaces that outlive their environments: directories beside those of the environments, which a lease does not take along. */
export class KeptStore {
  readonly #environments: EnvironmentStore;

  constructor(environments: EnvironmentStore) {
    this.#environments = environments;
  }

  /** Where the files of one are. */
  workspacePath(id: string): string {
    return join(this.#directory(id), 'workspace');
  }

  /** Makes the workspace of a new environment, or finds the kept one that it asks for; gives its id, undefined when it is neither. Errors: `RECAC_WORKSPACE_UNAVAILABLE`, `RECAC_ENVIRONMENT_CONFLICT`, `RECAC_ENVIRONMENT_START_FAILED`. */
  async claim({ workspace, sessionId, user }: EnvironmentSpec): Promise<string | undefined> {
    if (workspace?.type === 'kept') {
      await this.#refuseUsed(workspace.id);
      if ((await this.#read(workspace.id)) !== undefined) return workspace.id;
      const message = `there is no kept workspace ${workspace.id}. See recac rescue for those that are.`;
      throw new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { details: { id: workspace.id } });
    }
    if (workspace?.type !== 'scratch' || !workspace.outlives) return undefined;
    await this.#environments.prepare();
    const id = randomBytes(12).toString('hex');
    await this.#make(id, { sessionId, createdAt: new Date().toISOString(), user }).catch(
      (cause: NodeJS.ErrnoException) => {
        const message = `the directory of the workspace could not be made (${cause.code ?? 'unknown cause'}). Check the disk and the mode of ${this.#root}.`;
        throw new RecacError('RECAC_ENVIRONMENT_START_FAILED', message, { cause, details: { reason: cause.code } });
      },
    );
    return id;
  }

  /** Complete or not at all. */
  async #make(id: string, record: object): Promise<void> {
    const staging = join(this.#environments.root, `.new-${id}`);
    try {
      await mkdir(this.#root, { recursive: true, mode: 0o700 });
      await mkdir(join(staging, 'workspace'), { recursive: true, mode: 0o700 });
      await writeFile(join(staging, recordName), JSON.stringify(record), { mode: 0o600 });
      await rename(staging, this.#directory(id));
    } catch (error) {
      await rm(staging, { recursive: true, force: true });
      throw error;
    }
  }

  /** Lets another user work in one. */
  async open(id: string): Promise<void> {
    await chmod(this.#root, 0o711);
    await chmod(this.#directory(id), 0o711);
    await chmod(this.workspacePath(id), 0o1777);
  }

  /** Those that no environment has, in no order. */
  async list(): Promise<readonly KeptWorkspace[]> {
    const used = new Set((await this.#environments.list()).map(({ kept }) => kept));
    const ids = (await readdir(this.#root).catch(() => [])).filter((id) => !used.has(id));
    return (await Promise.all(ids.map((id) => this.#read(id)))).filter((kept) => kept !== undefined);
  }

  /** Deletes one; nothing happens when it is gone. Errors: `RECAC_ENVIRONMENT_CONFLICT` while an environment has it, `RECAC_PERMISSION_DENIED`. */
  async remove(id: string): Promise<void> {
    if (!isId(id)) return;
    await this.#refuseUsed(id);
    await discardDirectory(this.#environments.root, this.#directory(id));
  }

  async #refuseUsed(id: string): Promise<void> {
    const user = (await this.#environments.list()).find(({ kept }) => kept === id);
    if (user === undefined) return;
    const message = `the workspace ${id} is in use by ${user.name}. Stop that first.`;
    throw new RecacError('RECAC_ENVIRONMENT_CONFLICT', message, { details: { id } });
  }

  async #read(id: string): Promise<KeptWorkspace | undefined> {
    if (!isId(id)) return undefined;
    const text = await readFile(join(this.#directory(id), recordName), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const { sessionId, createdAt, user } = parseRecord(text) ?? {};
    // One that is damaged must not hide the others.
    if (typeof sessionId !== 'string' || !isTime(createdAt)) return undefined;
    return { id, sessionId, createdAt: new Date(createdAt), ...(typeof user === 'string' ? { user } : {}) };
  }

  #directory(id: string): string {
    return join(this.#root, id);
  }

  get #root(): string {
    return join(this.#environments.root, 'kept');
  }
}

function isId(text: string): boolean {
  return /^[0-9a-f]{24}$/.test(text);
}
