import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import process from 'node:process';
import { isHere } from '../daemon/is-here.ts';

/**
 * Addresses of the machine of a daemon, as far as they can be known from here: all of this machine's when it is this one, else those of the name under which
 * the daemon is reached. Those of other interfaces of a remote machine stay unknown.
 */
export async function findHostAddresses(endpoint: string): Promise<readonly string[]> {
  if (isHere(endpoint)) {
    const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
  }
  const { hostname } = new URL(endpoint);
  const found = await lookup(hostname, { all: true, family: 4 }).catch(() => []);
  return found.map(({ address }) => address);
}

/** Name servers that a daemon on this machine hands down, chosen as Docker does; none for a remote one, which must be told. */
export async function findDnsServers(endpoint: string): Promise<readonly string[]> {
  if (!isHere(endpoint) || process.platform !== 'linux') return [];
  const servers = await readServers('/etc/resolv.conf');
  const isStub = servers.length === 1 && servers[0] === '127.0.0.53';
  return isStub ? readServers('/run/systemd/resolve/resolv.conf') : servers;
}

async function readServers(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, address = '']) => address).filter(isIPv4);
}
