import { type EnvironmentSpec, RecacError } from '@recac/engine-core';
import { removeContainer } from '../container/remove-container.ts';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import type { MakingContext } from '../daemon/late-arrival.ts';
import { createNetwork, type EnvironmentNetwork as OwnNetwork } from './create-network.ts';
import { findDnsServers, findHostAddresses } from './daemon-machine.ts';
import { type NetworkPlan, toNetworkPlan } from './network-plan.ts';
import { removeNetwork } from './remove-network.ts';
import { createNetworkHelper, type NetworkHelper, restrictNetwork } from './restrict-network.ts';

/** How the networks of environments are made. */
export interface NetworkOptions {
  /** IPv4 addresses of name servers. Default: those of the daemon's machine. */
  readonly dnsServers?: readonly string[];
  /** IPv4 addresses of the daemon's machine, beside those that can be found out: the preset `internet` blocks them. Default: none. */
  readonly hostAddresses?: readonly string[];
}

/** The network of one environment while it is started. */
export interface StartingNetwork {
  /** What it means for the container. */
  readonly plan: NetworkPlan;
  /**
   * Call it as soon as the container exists, with any image that is present; do not wait for it: it works while the container starts. It never rejects.
   */
  prepare(containerId: string, image: string): void;
  /** Call it when the container runs, before any command: resolves when the preset holds. After an error the container must be removed. */
  restrict(): Promise<void>;
  /** Undoes everything after a failed start, once the container is gone. */
  remove(): Promise<void>;
}

/**
 * Makes the network that an environment's preset asks for. Default: none, which costs nothing. Errors: `RECAC_ENVIRONMENT_START_FAILED`, with nothing left.
 */
export async function startNetwork(
  client: DaemonClient,
  spec: EnvironmentSpec,
  options: NetworkOptions,
  making: MakingContext,
): Promise<StartingNetwork> {
  const preset = spec.network ?? 'none';
  const nothing = async (): Promise<void> => {};
  if (preset === 'none') return { plan: toNetworkPlan(preset), prepare: () => {}, restrict: nothing, remove: nothing };
  const network = await createNetwork(client, spec, making);
  const plan = toNetworkPlan(preset, { ...options, networkId: network.id });
  const remove = async (): Promise<void> => {
    await removeNetwork(client, network.id);
  };
  if (preset === 'open') return { plan, prepare: () => {}, restrict: nothing, remove };
  return { plan, ...restricted(client, network, options, making) };
}

function restricted(
  client: DaemonClient,
  network: OwnNetwork,
  { dnsServers, hostAddresses = [] }: NetworkOptions,
  making: MakingContext,
): Omit<StartingNetwork, 'plan'> {
  let helper: Promise<NetworkHelper> | undefined;
  const create = async (containerId: string, image: string): Promise<NetworkHelper> => {
    const { endpoint, podman } = client;
    const [found, servers] = await Promise.all([findHostAddresses(endpoint), dnsServers ?? findDnsServers(endpoint)]);
    const restriction = {
      subnet: network.subnet,
      hostAddresses: [...found, ...hostAddresses],
      // Podman's own name server, aardvark-dns, listens there, and the environment is told of no other.
      dnsServers: podman ? [...servers, network.subnet.gateway] : servers,
    };
    return createNetworkHelper(client, { ...restriction, containerId, image }, making);
  };
  return {
    prepare: (containerId, image) => {
      helper = create(containerId, image);
      helper.catch(() => {});
    },
    restrict: async () => {
      if (!helper) throw new RecacError('RECAC_INTERNAL', 'the network helper was not prepared. Report this.');
      await restrictNetwork(client, await helper, making.signal);
    },
    remove: async () => {
      const left = await helper?.catch(() => undefined);
      if (left) await removeContainer(client, left.id);
      await removeNetwork(client, network.id);
    },
  };
}
