import { BlockList, isIP } from 'node:net';
import { toHost, toPort } from '../api/proxy-tunnel.ts';
import { toHttpUrl } from './http-url.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that `HTTPS_PROXY` names for a server, unless `NO_PROXY` excepts it; undefined: none. As Go has it: upper case wins, an empty variable is none, and this machine itself
 * (`localhost`, loopback addresses) is never behind a proxy. Errors: `RECAC_CONFIG_INVALID`, naming the variable.
 */
export function findProxy(server: URL, environment: Environment): URL | undefined {
  const [name, proxy = ''] = readVariable(environment, server.protocol === 'http:' ? 'HTTP_PROXY' : 'HTTPS_PROXY');
  if (proxy === '' || isThisMachine(toHost(server))) return undefined;
  const [, excepted = ''] = readVariable(environment, 'NO_PROXY');
  const exceptions = excepted.split(',').map((entry) => entry.trim().toLowerCase());
  if (exceptions.some((entry) => entry !== '' && isExcepted(server, entry))) return undefined;
  return toHttpUrl(proxy.includes('://') ? proxy : `http://${proxy}`, { field: name });
}

function readVariable(environment: Environment, name: string): readonly [name: string, value: string | undefined] {
  return environment[name] ? [name, environment[name]] : [name.toLowerCase(), environment[name.toLowerCase()]];
}

function isThisMachine(host: string): boolean {
  return host.toLowerCase() === 'localhost' || isInRange(host, '127.0.0.0/8') || isInRange(host, '::1/128');
}

function isExcepted(server: URL, entry: string): boolean {
  if (entry === '*') return true;
  const host = toHost(server).toLowerCase();
  if (entry.includes('/')) return isInRange(host, entry);
  const [, name = entry, port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  const isIpv6 = isIP(entry) === 6;
  if (!isIpv6 && port !== undefined && Number(port) !== toPort(server)) return false;
  const wanted = (isIpv6 ? entry : name).replace(/^\*?\./, '');
  return host === wanted || (isIP(host) === 0 && host.endsWith(`.${wanted}`));
}

function isInRange(host: string, entry: string): boolean {
  const [address = '', bits = ''] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || isIP(host) !== family || !/^\d+$/.test(bits)) return false;
  const list = new BlockList();
  const type = family === 6 ? 'ipv6' : 'ipv4';
  list.addSubnet(address, Number(bits), type);
  return list.check(host, type);
}
