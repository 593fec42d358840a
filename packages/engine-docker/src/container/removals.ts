import { availableParallelism } from 'node:os';
import { RecacError } from '@recac/engine-core';
import { Limiter } from '@recac/engine-kit';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { toStatus } from '../daemon/daemon-error.ts';
import { removeNetwork } from '../network/remove-network.ts';
import { removeKeptVolume } from './kept-volume.ts';
import { removeContainer } from './remove-container.ts';

/** Pause before a removal that the daemon did not answer is tried again, in milliseconds. */
const retryMs = 10_000;

/** What is left of an environment when it goes. */
export interface RemovedContainer {
  /** Id of the container. */
  readonly id: string;
  /** Id of the network that is its own, where it has one. */
  readonly ownNetwork?: string;
  /** The volume with its workspace, where that would outlive it. */
  readonly keptVolume?: string;
}

/**
 * Removes containers with their networks, a few at a time: a daemon that is asked to remove hundreds at once leaves every other call waiting for a minute.
 * What the daemon does not answer goes on in the background.
 */
export class Removals {
  readonly #client: () => DaemonClient;
  readonly #limiter = new Limiter(Math.max(2, 2 * availableParallelism()));
  readonly #stuck = new Set<string>();
  /** What is tried again later, or at once. */
  readonly #waiting = new Set<() => void>();
  /** Containers that a removal has ended, or may have, and of which something may be left. */
  readonly #ended = new Set<string>();

  /** `client`: the daemon, as connected when a removal is due. */
  constructor(client: () => DaemonClient) {
    this.#client = client;
  }

  /** True for a container whose removal the daemon has not answered, and which is still tried. */
  isStuck(id: string): boolean {
    return this.#stuck.has(id);
  }

  /** Resolves when both are gone. Errors: `RECAC_ENGINE_UNAVAILABLE`, with `details.stuck` when the daemon did not answer in time; it is tried again until it does. */
  async remove(container: RemovedContainer, signal: AbortSignal): Promise<void> {
    const { id } = container;
    const release = await this.#limiter.acquire(signal);
    try {
      await this.#removeAll(container, signal);
      this.#stuck.delete(id);
    } catch (error) {
      if (RecacError.isInstance(error) && error.details.stuck === true) {
        this.later(() => this.#removeAll(container), id);
      }
      throw error;
    } finally {
      release();
    }
  }

  /** Tries something until it works, for as long as this process lives. `id`: the container that is stuck until then, where it is known. */
  later(work: () => Promise<void>, id?: string): void {
    if (id !== undefined) this.#stuck.add(id);
    const attempt = (): void => {
      clearTimeout(again);
      this.#waiting.delete(attempt);
      work().then(
        () => id !== undefined && this.#stuck.delete(id),
        () => this.later(work, id),
      );
    };
    const again = setTimeout(attempt, retryMs);
    again.unref();
    this.#waiting.add(attempt);
  }

  /** Tries now what waits to be tried again: the daemon has answered another call. Waits for nothing. */
  retry(): void {
    for (const attempt of [...this.#waiting]) attempt();
  }

  async #removeAll({ id, ownNetwork, keptVolume }: RemovedContainer, signal?: AbortSignal): Promise<void> {
    const endedHere = await this.#end(id, signal);
    if (ownNetwork !== undefined) await removeNetwork(this.#client(), ownNetwork, signal);
    // What ended by itself or by others is kept.
    if (endedHere && keptVolume !== undefined) await removeKeptVolume(this.#client(), keptVolume, signal);
    this.#ended.delete(id);
  }

  /** Removes the container. True when it was there, also in an earlier attempt whose answer did not come. */
  async #end(id: string, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      if (await removeContainer(this.#client(), id, signal)) this.#ended.add(id);
    } catch (error) {
      if ((toStatus(error) ?? 500) >= 500) this.#ended.add(id);
      throw error;
    }
    return this.#ended.has(id);
  }
}
