import type { DaemonClient } from '../daemon/daemon-client.ts';
import { removeOrphanNetworks } from './remove-orphan-networks.ts';

/** What can be swept up is a minute old. */
const pauseMs = 60_000;

/** Sweeps networks of ours up that nobody uses, once a minute however often it is asked. */
export class OrphanSweeper {
  #sweptAt = Number.NEGATIVE_INFINITY;

  /** Resolves when it has, or need not. Errors: those of the daemon's answers. */
  async sweep(client: DaemonClient): Promise<void> {
    if (performance.now() - this.#sweptAt < pauseMs) return;
    this.#sweptAt = performance.now();
    await removeOrphanNetworks(client);
  }
}
