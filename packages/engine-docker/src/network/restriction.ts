import type { Buffer } from 'node:buffer';
import { isIPv4 } from 'node:net';
import { blockedRanges4, loopbackRange4 } from '@recac/engine-kit';
import { toRouteMessage, toRuleMessage } from './route-message.ts';
import type { Subnet } from './subnet.ts';

/** What an environment with the preset `internet` must not reach, and what it must. */
export interface Restriction {
  /** The environment's own network. */
  readonly subnet: Subnet;
  /** Addresses of the daemon's machine; those in the blocked ranges need not be named. */
  readonly hostAddresses: readonly string[];
  /** Name servers that are asked on port 53, wherever they are. */
  readonly dnsServers: readonly string[];
}

/** Loopback does not leave the environment. */
const outsideRanges = blockedRanges4.filter((range) => range !== loopbackRange4);

const table = { main: 254, refused: 101, deadEnd: 100 } as const;
const interfaceName = 'eth0';

/**
 * The messages to the kernel that leave only the internet. What is blocked is refused at once, but for sockets bound to the interface: there Linux takes a
 * refused address for a neighbour and asks the wire for it, so their packets are sent to an address that nobody has. So are those to the gateway, which must
 * stay a neighbour. The last message, alone, is about IPv6, which our networks do not have.
 */
export function toRestrictionMessages({ subnet, hostAddresses, dnsServers }: Restriction): Buffer[] {
  const hosts = [...new Set(hostAddresses)].filter((address) => isIPv4(address) && address !== subnet.gateway);
  const ranges = [...outsideRanges, ...hosts.map((address) => `${address}/32`)];
  const toDeadEnd = [...ranges, `${subnet.gateway}/32`];
  const servers = [...new Set(dnsServers)].filter((address) => isIPv4(address) && !address.startsWith('127.'));
  return [
    ...toDeadEnd.map((range) => toRouteMessage({ table: table.deadEnd, range, via: subnet.deadEnd })),
    ...ranges.map((range) => toRouteMessage({ table: table.refused, range })),
    ...servers.flatMap((address) =>
      (['udp', 'tcp'] as const).map((dnsOver) => toRuleMessage({ priority: 10, table: table.main, address, dnsOver })),
    ),
    toRuleMessage({ priority: 20, table: table.deadEnd, boundTo: interfaceName }),
    toRuleMessage({ priority: 30, table: table.refused }),
    toRuleMessage({ priority: 40, table: table.deadEnd }),
    toRuleMessage({ priority: 10, family: 6 }),
  ];
}
