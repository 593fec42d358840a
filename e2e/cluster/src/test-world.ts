import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { findHolder } from './cluster-holder.ts';
import { runProgram } from './run-program.ts';

/** Addresses of the world around a cluster. All of them lead into one network namespace of the test. */
export const worldAddresses = {
  public: '203.0.113.10',
  otherPublic: '203.0.113.20',
  metadata: '169.254.169.254',
  private10: '10.55.0.10',
  private172: '172.31.55.10',
  private192: '192.168.55.10',
  carrier: '100.64.55.10',
  azure: '168.63.129.16',
} as const;

const nodeAddress = '203.0.113.1';

/**
 * Puts a world beside a cluster of ours: HTTP on the ports 80 and 53 of every address above. It refuses to when an address would not lead into its own
 * namespace. It ends with the test.
 */
export async function createTestWorld(directory: string): Promise<Disposable> {
  const holder = await findHolder(directory);
  if (!holder) throw new Error(`there is no cluster in ${directory}`);
  const inCluster = (...argv: string[]): Promise<string> =>
    runProgram(['nsenter', '--net', '--target', String(holder.pid), ...argv]);
  if ((await inCluster('ip', '-4', 'route', 'show', 'default')) !== '')
    throw new Error('the cluster has a way out: its test world would not be alone');
  const server = spawn('unshare', ['--net', process.execPath, join(import.meta.dirname, 'world-server.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const dispose = (): void => void server.kill('SIGKILL');
  const said = createInterface(server.stdout);
  try {
    await once(said, 'line');
    const pid = String(server.pid);
    await inCluster('ip', 'link', 'add', 'world', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', pid);
    await inCluster('ip', 'address', 'add', `${nodeAddress}/24`, 'dev', 'world');
    await inCluster('ip', 'link', 'set', 'world', 'up');
    const inWorld = (...argv: string[]): Promise<string> => runProgram(['nsenter', '--net', '--target', pid, ...argv]);
    await inWorld('ip', 'link', 'set', 'eth0', 'up');
    for (const address of Object.values(worldAddresses)) {
      const isNear = address.startsWith('203.0.113.');
      await inWorld('ip', 'address', 'add', `${address}/${isNear ? 24 : 32}`, 'dev', 'eth0');
      if (!isNear) await inCluster('ip', 'route', 'add', `${address}/32`, 'via', worldAddresses.public, 'dev', 'world');
      if (!/ dev world /.test(await inCluster('ip', 'route', 'get', address)))
        throw new Error(`${address} leads elsewhere`);
    }
  } catch (error) {
    dispose();
    throw error;
  }
  return { [Symbol.dispose]: dispose };
}
