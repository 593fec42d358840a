import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The names of a session's networks, asked past any proxy. */
export async function listNetworks(host: string, sessionId: string): Promise<readonly string[]> {
  const filter = `label=recac.dev/session=${sessionId}`;
  const argv = ['-H', host, 'network', 'ls', '--filter', filter, '--format', '{{.Name}}'];
  const { stdout } = await promisify(execFile)('docker', argv);
  return stdout.split('\n').filter((name) => name !== '');
}
