import { spawnSync } from 'node:child_process';
import process from 'node:process';

const programs = [
  { name: 'dockerd', from: 'docker.io' },
  { name: 'tini', from: 'tini' },
  { name: 'iptables', from: 'iptables' },
  { name: 'ip', from: 'iproute2' },
  { name: 'flock', from: 'util-linux' },
];

/** Why no daemon can be started here; undefined when one can. */
export function missingForDaemon(): string | undefined {
  if (process.platform !== 'linux') return 'a Docker daemon for tests needs Linux';
  if (process.getuid?.() !== 0) return 'a Docker daemon for tests needs root';
  const missing = programs.filter(({ name }) => spawnSync(name, ['--version']).error !== undefined);
  if (missing.length > 0) {
    const names = missing.map(({ name, from }) => `${name} (Debian package ${from})`);
    return `not installed: ${names.join(', ')}`;
  }
  const namespaces = spawnSync('unshare', ['--pid', '--mount', '--net', '--fork', '--mount-proc', 'true']);
  return namespaces.status === 0 ? undefined : 'this machine lets root make no namespaces';
}
