import {
  type EnvironmentSpec,
  labelKeys,
  type NetworkPreset,
  reservedLabelPrefix,
  toEnvironmentName,
} from '@recac/engine-core';
import type { NetworkCreateOptions } from 'dockerode';
import type { CreatorLabels } from '../creator-labels.ts';
import type { Subnet } from './subnet.ts';

/** Label of containers that only set up the network of another; its value is that container's id. */
export const networkHelperLabel = `${reservedLabelPrefix}network-helper`;

/** What the network means for the container that is created in it. */
export interface NetworkPlan {
  /** The preset. */
  readonly preset: NetworkPreset;
  /** Id of the environment's own network; absent for `none`. */
  readonly networkId?: string;
  /** Parts of HostConfig. */
  readonly hostConfig: Readonly<Record<string, unknown>>;
  /** Capabilities that must not be left to the container, also where others are: they would get around the preset. */
  readonly forbiddenCapabilities: readonly string[];
  /** What to tell the caller. Default: nothing. */
  readonly warning?: string;
}

/** Where an environment's network comes from. */
export interface NetworkPlanOptions {
  /** Id of the environment's own network; needed but for `none`. */
  readonly networkId?: string;
  /** Name servers. Default: those of the daemon's machine. */
  readonly dnsServers?: readonly string[];
}

/** A preset in Docker's words. */
export function toNetworkPlan(
  preset: NetworkPreset,
  { networkId = 'none', dnsServers = [] }: NetworkPlanOptions = {},
): NetworkPlan {
  if (preset === 'none') return { preset, hostConfig: { NetworkMode: 'none' }, forbiddenCapabilities: [] };
  return {
    preset,
    networkId,
    hostConfig: { NetworkMode: networkId, ...(dnsServers.length === 0 ? {} : { Dns: [...dnsServers] }) },
    forbiddenCapabilities: preset === 'internet' ? ['NET_RAW', 'NET_ADMIN'] : [],
    ...(preset === 'open'
      ? {
          warning:
            'the network is open: commands reach private networks, the metadata service of a cloud, and services of the machine that runs Docker.',
        }
      : {}),
  };
}

/** The body of the call that creates an environment's own network. `suffix` keeps its name apart from those of earlier environments of the session. */
export function toNetworkBody(
  spec: EnvironmentSpec,
  subnet: Subnet,
  { suffix, creator }: { readonly suffix: string; readonly creator: CreatorLabels },
): NetworkCreateOptions {
  const name = toEnvironmentName(spec.sessionId);
  return {
    Name: `${name}-${suffix}`,
    Driver: 'bridge',
    Internal: false,
    Attachable: false,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Config: [{ Subnet: subnet.cidr, Gateway: subnet.gateway }] },
    Labels: {
      ...creator,
      [labelKeys.managed]: 'true',
      [labelKeys.name]: name,
      [labelKeys.session]: spec.sessionId,
    },
  };
}
