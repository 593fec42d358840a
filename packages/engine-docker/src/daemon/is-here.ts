/**
 * True for a daemon that is reached without leaving this machine: by a socket, a pipe or loopback. It may still live elsewhere, in a virtual machine or behind a
 * tunnel.
 */
export function isHere(endpoint: string): boolean {
  const { protocol, hostname } = new URL(endpoint);
  if (protocol === 'unix:' || protocol === 'npipe:') return true;
  return /^(localhost|127(\.\d+){3}|\[::1\])$/i.test(hostname);
}
