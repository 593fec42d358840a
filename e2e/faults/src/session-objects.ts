import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The names of a session's networks, asked past any proxy. */
export function listNetworks(host: string, sessionId: string): Promise<readonly string[]> {
  return list(host, 'network', sessionId);
}

/** The names of the volumes that a session's workspaces outlive it in, asked past any proxy. */
export function listVolumes(host: string, sessionId: string): Promise<readonly string[]> {
  return list(host, 'volume', sessionId);
}

/** Removes both, for a test that failed. */
export async function removeAll(host: string, sessionId: string): Promise<void> {
  for (const kind of ['network', 'volume'] as const)
    for (const name of await list(host, kind, sessionId)) await docker(host, kind, 'rm', name);
}

async function list(host: string, kind: 'network' | 'volume', sessionId: string): Promise<readonly string[]> {
  const filter = `label=recac.dev/session=${sessionId}`;
  const text = await docker(host, kind, 'ls', '--filter', filter, '--format', '{{.Name}}');
  return text.split('\n').filter((name) => name !== '');
}

async function docker(host: string, ...words: readonly string[]): Promise<string> {
  return (await promisify(execFile)('docker', ['-H', host, ...words])).stdout;
}
