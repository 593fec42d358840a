import { availableParallelism } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { RecacError } from '@recac/engine-core';
import {
  environmentNotFound,
  Limiter,
  orAborted,
  type ProcessSpec,
  type RawProcess,
  type ResolvedUser,
  resolveUser,
  type UserFiles,
} from '@recac/engine-kit';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import type { StreamProcess } from '../stream/stream-process.ts';
import { isContainerId } from './container-store.ts';
import { type ExecProcessSpec, openExec } from './exec-process.ts';
import { refuseHiddenRoot } from './hidden-root.ts';
import { readUserFiles } from './read-user-files.ts';

/** A process that began with its container. */
interface FirstProcess {
  readonly argv: readonly string[];
  readonly process: RawProcess;
}

/**
 * Opens processes in containers, a few at a time: daemons open about twenty in a second however many are asked for, and with fifty at once each takes so long that it looks like
 * one that is never answered.
 */
export class ContainerProcesses {
  readonly #client: () => DaemonClient;
  readonly #limiter = new Limiter(4 * availableParallelism());
  readonly #first = new Map<string, FirstProcess>();
  readonly #userFiles = new Map<string, Promise<UserFiles>>();

  /** `client`: the daemon, as connected when a process is opened. */
  constructor(client: () => DaemonClient) {
    this.#client = client;
  }

  /** Takes the process that began with a container, for whoever asks for its argv first. */
  keepFirst(id: string, argv: readonly string[], process: RawProcess): void {
    this.#first.set(id, { argv, process });
  }

  /** Opens one. Errors: `RECAC_ENVIRONMENT_NOT_FOUND`, `RECAC_INVALID_ARGUMENT` (user), `RECAC_EXEC_FAILED`. */
  async open(id: string, spec: ProcessSpec, signal: AbortSignal): Promise<RawProcess> {
    const first = this.#first.get(id);
    if (first && isDeepStrictEqual(spec, { argv: first.argv })) {
      this.#first.delete(id);
      return first.process;
    }
    if (!isContainerId(id)) throw environmentNotFound(id);
    const { user, ...rest } = spec;
    if (user === undefined) return this.exec(id, rest, signal);
    const found = await this.#findUser(id, user, signal);
    refuseHiddenRoot(user, found.id.split(':')[0]);
    return this.exec(id, { ...rest, user: found }, signal);
  }

  /** Opens one of ours, whose user is known. Errors: `RECAC_ENVIRONMENT_NOT_FOUND`, `RECAC_EXEC_FAILED`. */
  exec(id: string, spec: ExecProcessSpec, signal: AbortSignal): Promise<StreamProcess> {
    return this.#limiter.run(() => openExec(this.#client(), id, spec, signal), signal);
  }

  /** Forgets a container that is going. */
  forget(id: string): void {
    this.#first.get(id)?.process.close();
    this.#first.delete(id);
    this.#userFiles.delete(id);
  }

  /** Closes what nobody has asked for. */
  close(): void {
    for (const { process } of this.#first.values()) process.close();
    this.#first.clear();
  }

  /** A name that was unknown may have come since the environment was asked. */
  async #findUser(id: string, user: string, signal: AbortSignal): Promise<ResolvedUser> {
    const before = this.#userFiles.get(id);
    try {
      return resolveUser(user, await this.#findUserFiles(id, signal));
    } catch (error) {
      if (!before || !RecacError.isInstance(error) || error.code !== 'RECAC_INVALID_ARGUMENT') throw error;
      if (this.#userFiles.get(id) === before) this.#userFiles.delete(id);
      return resolveUser(user, await this.#findUserFiles(id, signal));
    }
  }

  #findUserFiles(id: string, signal: AbortSignal): Promise<UserFiles> {
    const known = this.#userFiles.get(id) ?? readUserFiles(this.#client(), id);
    this.#userFiles.set(id, known);
    known.catch(() => {
      if (this.#userFiles.get(id) === known) this.#userFiles.delete(id);
    });
    return orAborted(known, signal, 'reading the users of the environment');
  }
}
