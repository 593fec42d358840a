import { isIPv4 } from 'node:net';
import { invalidArgument } from '@recac/engine-core';
import type { NetworkOptions } from './environment-network.ts';

/** Refuses what is no IPv4 address: one that nobody blocks would stay open, one that nobody can ask would leave no names. Errors: `RECAC_INVALID_ARGUMENT`. */
export function checkNetworkOptions(options: NetworkOptions = {}): void {
  for (const name of ['dnsServers', 'hostAddresses'] as const) {
    const wrong = options[name]?.find((address) => !isIPv4(address));
    if (wrong !== undefined)
      throw invalidArgument(
        `network.${name}`,
        `has ${JSON.stringify(wrong)}, which is no IPv4 address`,
        'Write each as 192.0.2.1, without a range, a name or a port.',
      );
  }
}
