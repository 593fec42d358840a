import type { DaemonClient } from '../daemon/daemon-client.ts';
import { removeOwnVolume } from './kept-volume.ts';
import { removeContainer } from './remove-container.ts';

/** A container of ours that was given up. */
export interface GivenUpContainer {
  /** The container's id. */
  readonly id: string;
  /** As the daemon names it. */
  readonly state: string;
  /** The volume that its workspace would outlive it in, where there is one. */
  readonly keptVolume?: string | undefined;
}

/** Removes one. What never ran has no work: its workspace goes with it. */
export async function removeGivenUp(
  client: DaemonClient,
  { id, state, keptVolume }: GivenUpContainer,
  signal?: AbortSignal,
): Promise<void> {
  await removeContainer(client, id, signal);
  if (state === 'created' && keptVolume !== undefined) await removeOwnVolume(client, keptVolume, signal);
}
