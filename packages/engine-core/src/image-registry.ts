const hostShape = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/;
const groupShape = /^[0-9A-Fa-f]{1,4}$/;

/** Whether the part before the first `/` of a reference is a registry, by Docker's rule: it has a dot, a colon or an upper-case letter, or is `localhost`. */
export function isRegistry(part: string): boolean {
  return part === 'localhost' || /[.:[\]A-Z]/.test(part);
}

/** What is wrong with a registry `host[:port]`; `undefined` when nothing is. IPv6 hosts stand in brackets. */
export function findRegistryProblem(registry: string): string | undefined {
  const match = /^(\[[^\]]*\]|[^:[\]]*)(?::(.*))?$/s.exec(registry);
  const host = match?.[1] ?? '';
  const port = match?.[2];
  if (match === null) return 'must have a registry of the form host or host:port';
  if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) > 65_535 || Number(port) === 0)) {
    return 'must have a registry port from 1 to 65535';
  }
  if (host.startsWith('[')) return isIpv6(host.slice(1, -1)) ? undefined : 'must have a valid IPv6 address in brackets';
  return hostShape.test(host) ? undefined : `has the registry host ${JSON.stringify(host)}, which is no host name`;
}

function isIpv6(address: string): boolean {
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => groupShape.test(group))) return false;
  return halves.length === 2 ? groups.length < 8 : groups.length === 8;
}
