import { randomInt } from 'node:crypto';

/** The addresses of one environment's own network. */
export interface Subnet {
  /** As docker writes it: `198.18.7.8/29`. */
  readonly cidr: string;
  /** The daemon's machine, as the environment sees it. */
  readonly gateway: string;
  /** An address that nobody has. What may not be reached is sent there. */
  readonly deadEnd: string;
}

const firstAddress = 0xc6_12_00_00;
const addressBits = 17;
const subnetBits = 3;

/**
 * A random subnet of eight addresses out of 198.18.0.0/15. That range is set aside for tests of network devices (RFC 2544): it is neither used in private
 * networks nor routed in the internet, and holds 16 384 of these. Docker's own pools hold about thirty networks, which are for the user.
 */
export function chooseSubnet(): Subnet {
  const base = firstAddress + randomInt(2 ** (addressBits - subnetBits)) * 2 ** subnetBits;
  return {
    cidr: `${toText(base)}/${32 - subnetBits}`,
    gateway: toText(base + 1),
    deadEnd: toText(base + 2 ** subnetBits - 2),
  };
}

function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}
