import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const sshd = '/usr/sbin/sshd';

/** A server on the loopback, and a directory whose `ssh` knows it. */
export interface TestSshServer extends AsyncDisposable {
  /** Where it listens. */
  readonly port: number;
  /** Goes first into PATH. */
  readonly binaries: string;
}

/** True when this machine has OpenSSH's server and client. */
export function hasSshServer(): boolean {
  return [sshd, 'ssh', 'ssh-keygen'].every((name) => spawnSync(name, ['-?']).error === undefined);
}

/** A TCP port on the loopback that is free now. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts a real server with keys of its own; commands there see `DOCKER_HOST`. `settings`: more lines of `sshd_config`. */
export async function startSshServer(
  directory: string,
  dockerHost: string,
  settings: readonly string[] = [],
): Promise<TestSshServer> {
  const port = await findFreePort();
  const binaries = join(directory, 'bin');
  await mkdir(binaries);
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
  for (const name of ['host-key', 'user-key'])
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, name)]);
  const file = async (name: string, lines: readonly string[], mode = 0o600) => {
    await writeFile(join(directory, name), `${lines.join('\n')}\n`, { mode });
    return join(directory, name);
  };
  const server = await file('sshd_config', [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${directory}/host-key`,
    `AuthorizedKeysFile ${directory}/user-key.pub`,
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    'StrictModes no',
    'PidFile none',
    ...settings,
    `SetEnv DOCKER_HOST=${dockerHost} PATH=${process.env.PATH}`,
  ]);
  const client = await file('ssh_config', [
    'Host *',
    `IdentityFile ${directory}/user-key`,
    'IdentitiesOnly yes',
    'StrictHostKeyChecking no',
    `UserKnownHostsFile ${directory}/known-hosts`,
    'LogLevel ERROR',
  ]);
  await file('bin/ssh', ['#!/bin/sh', `exec ${await findSsh()} -F ${client} "$@"`], 0o755);
  const child = spawn(sshd, ['-D', '-e', '-f', server], { stdio: 'ignore' });
  await waitForPort(port, child);
  return { port, binaries, [Symbol.asyncDispose]: () => end(child) };
}

/** Name that the server lets in. */
export function sshUser(): string {
  return userInfo().username;
}

async function findSsh(): Promise<string> {
  return (await run('sh', ['-c', 'command -v ssh'])).stdout.trim();
}

async function waitForPort(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const connected = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (connected) return;
    await delay(20);
  }
  throw new Error(`sshd ended with ${child.exitCode}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill();
  await once(child, 'exit');
}
