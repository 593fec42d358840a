import { BlockList, isIP } from 'node:net';

/** The proxy that `HTTPS_PROXY` names for a server, unless `NO_PROXY` excepts it; undefined: none. Lower case wins, as with curl and Go. */
export function findProxy(server: URL, environment: Readonly<Record<string, string | undefined>>): URL | undefined {
  const name = server.protocol === 'http:' ? 'HTTP_PROXY' : 'HTTPS_PROXY';
  const proxy = environment[name.toLowerCase()] ?? environment[name];
  if (proxy === undefined || proxy === '') return undefined;
  const exceptions = (environment.no_proxy ?? environment.NO_PROXY ?? '')
    .split(',')
    .map((entry) => entry.trim().toLowerCase());
  if (exceptions.some((entry) => entry !== '' && isExcepted(server, entry))) return undefined;
  return new URL(proxy.includes('://') ? proxy : `http://${proxy}`);
}

function isExcepted(server: URL, entry: string): boolean {
  if (entry === '*') return true;
  const host = server.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (entry.includes('/')) return isInRange(host, entry);
  const [, name = entry, port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  const isIpv6 = isIP(entry) === 6;
  if (!isIpv6 && port !== undefined && port !== (server.port || '443')) return false;
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
