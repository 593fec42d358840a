import { labelKeys } from '@recac/engine-core';
import { ownNetworkLabel } from '../container/container-labels.ts';
import { removeContainer } from '../container/remove-container.ts';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { estimateDaemonTime } from '../daemon/daemon-time.ts';
import { networkHelperLabel } from './network-plan.ts';
import { removeNetwork } from './remove-network.ts';
import { isHelperName } from './restrict-network.ts';

/**
 * Removes networks of ours whose environment is no more: its lease ended, or its client died between making the one and the other; and network helpers that
 * such a client left. Those of the last `graceMs` (a minute) stay, because their environment may be on its way. Returns how many went.
 */
export async function removeOrphanNetworks(
  client: DaemonClient,
  { graceMs = 60_000 }: { readonly graceMs?: number } = {},
): Promise<number> {
  const options = { idempotent: true };
  const filters = { label: [`${labelKeys.managed}=true`] };
  const [networks, containers] = await Promise.all([
    client.call('listing the networks', (abortSignal) => client.docker.listNetworks({ filters, abortSignal }), options),
    client.call(
      'listing the environments',
      (abortSignal) => client.docker.listContainers({ all: true, filters, abortSignal }),
      options,
    ),
  ]);
  const helpers = containers.filter(({ Labels, Names }) => Labels[networkHelperLabel] && Names.some(isHelperName));
  const used = new Set(containers.map(({ Labels }) => Labels[ownNetworkLabel]));
  const unused = networks.filter(({ Id }) => !used.has(Id));
  if (helpers.length + unused.length === 0) return 0;
  const newest = (await estimateDaemonTime(client)) - graceMs;
  const removed = await Promise.allSettled([
    ...helpers.filter(({ Created }) => Created * 1_000 < newest).map(({ Id }) => removeContainer(client, Id)),
    ...unused.filter(({ Created }) => Date.parse(Created) < newest).map(({ Id }) => removeNetwork(client, Id)),
  ]);
  return removed.filter(({ status }) => status === 'fulfilled').length;
}
