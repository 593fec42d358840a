import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';

/** Addresses of the world around a daemon. All of them lead into one network namespace of the test. */
export const worldAddresses = {
  public: '203.0.113.10',
  metadata: '169.254.169.254',
  private10: '10.55.0.10',
  private172: '172.31.55.10',
  private192: '192.168.55.10',
  carrier: '100.64.55.10',
  azure: '168.63.129.16',
  nameServer: '10.55.0.53',
} as const;

/** The address of the daemon's machine in the world: one that no blocked range holds. */
export const machineAddress = '203.0.113.1';

/** What is around a daemon that lives in a network namespace of its own. */
export interface TestWorld extends Disposable {
  /** Runs a program of this machine in the network of a container, as somebody without rights. Gives its output; throws when it failed. */
  runInContainer(pid: number, argv: readonly string[]): string;
  /** Runs a program in the network of the daemon's machine. */
  runOnMachine(argv: readonly string[]): string;
}

/**
 * Puts a world beside the daemon: HTTP servers on port 80 of every address above and of the daemon's machine itself, and a name server. It refuses to when an
 * address would not lead into its own namespace. Everything of it ends with its processes.
 */
export async function createTestWorld(daemonSocket: string): Promise<TestWorld> {
  const daemonPid = findDaemon(daemonSocket);
  const inDaemon = (...argv: string[]): string => run(['nsenter', '--net', '--target', String(daemonPid), ...argv]);
  if (inDaemon('ip', '-4', 'route', 'show', 'default') !== '')
    throw new Error('the daemon shares the network of this machine: its test world would not be alone');
  const servers: ChildProcess[] = [];
  const dispose = (): void => {
    for (const server of servers) server.kill('SIGKILL');
  };
  try {
    const world = await startServer(['unshare', '--net'], ['world', worldAddresses.nameServer]);
    servers.push(world.child);
    const pid = String(world.child.pid);
    const inWorld = (...argv: string[]): string => run(['nsenter', '--net', '--target', pid, ...argv]);
    inDaemon('ip', 'link', 'add', 'world', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', pid);
    inDaemon('ip', 'address', 'add', `${machineAddress}/24`, 'dev', 'world');
    inDaemon('ip', 'link', 'set', 'world', 'up');
    inWorld('ip', 'link', 'set', 'lo', 'up');
    inWorld('ip', 'link', 'set', 'eth0', 'up');
    inWorld('ip', 'address', 'add', `${worldAddresses.public}/24`, 'dev', 'eth0');
    for (const address of Object.values(worldAddresses)) {
      if (address === worldAddresses.public) continue;
      inWorld('ip', 'address', 'add', `${address}/32`, 'dev', 'eth0');
      inDaemon('ip', 'route', 'add', `${address}/32`, 'via', worldAddresses.public, 'dev', 'world');
    }
    for (const address of Object.values(worldAddresses)) {
      if (!/ dev world /.test(inDaemon('ip', 'route', 'get', address))) throw new Error(`${address} leads elsewhere`);
    }
    const machine = await startServer(['nsenter', '--net', '--target', String(daemonPid)], ['machine', '0.0.0.0']);
    servers.push(machine.child);
    await world.listen();
    await machine.listen();
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    [Symbol.dispose]: dispose,
    runInContainer: (pid, argv) => runInContainer(daemonPid, pid, argv),
    runOnMachine: (argv) => inDaemon(...argv),
  };
}

/** The PID of a container counts in the daemon's namespace. */
function runInContainer(daemonPid: number, pid: number, argv: readonly string[]): string {
  const unprivileged = ['setpriv', '--reuid', '12345', '--regid', '12345', '--clear-groups', '--bounding-set', '-all'];
  const inDaemon = ['nsenter', '--pid', '--mount', '--target', String(daemonPid)];
  return run([...inDaemon, 'nsenter', '--net', '--target', String(pid), ...unprivileged, ...argv]);
}

function run([program = '', ...args]: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', timeout: 20_000, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function startServer(
  namespace: readonly string[],
  args: readonly string[],
): Promise<{ readonly child: ChildProcess; listen(): Promise<void> }> {
  const [program = '', ...rest] = [...namespace, process.execPath, join(import.meta.dirname, 'world-server.mjs')];
  const child = spawn(program, [...rest, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  await once(lines, 'line');
  const listen = async (): Promise<void> => {
    const listening = once(lines, 'line');
    child.stdin.write('listen\n');
    await listening;
  };
  return { child, listen };
}

/** The process of the daemon that listens on a socket: its PID as this process sees it. */
function findDaemon(socket: string): number {
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const argv = readArguments(entry);
    if (/(^|\/)(dockerd|podman)$/.test(argv[0] ?? '') && argv.includes(`unix://${socket}`)) return Number(entry);
  }
  throw new Error(`no daemon listens on ${socket}`);
}

function readArguments(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
