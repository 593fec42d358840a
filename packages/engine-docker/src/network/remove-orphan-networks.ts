import { labelKeys } from '@recac/engine-core';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { removeNetwork } from './remove-network.ts';

const graceMs = 60_000;

/**
 * Removes networks of ours whose environment is no more: its lease ended, or its client died between making the one and the other. Those of the last
 * minute stay, because their environment may be on its way. Returns how many went.
 */
export async function removeOrphanNetworks(client: DaemonClient, signal: AbortSignal): Promise<number> {
  const options = { signal, idempotent: true };
  const filters = { label: [`${labelKeys.managed}=true`] };
  const networks = await client.call(
    'listing the networks',
    (abortSignal) => client.docker.listNetworks({ filters, abortSignal }),
    options,
  );
  if (networks.length === 0) return 0;
  const containers = await client.call(
    'listing the environments',
    (abortSignal) => client.docker.listContainers({ all: true, filters, abortSignal }),
    options,
  );
  const { SystemTime } = await client.call("asking for the daemon's clock", () => client.docker.info(), options);
  const used = new Set(containers.map(({ HostConfig }) => HostConfig.NetworkMode));
  const newest = Date.parse(SystemTime) - graceMs;
  const orphans = networks.filter(({ Id, Created }) => !used.has(Id) && Date.parse(Created) < newest);
  const removed = await Promise.allSettled(orphans.map(({ Id }) => removeNetwork(client, Id, signal)));
  return removed.filter(({ status }) => status === 'fulfilled').length;
}
