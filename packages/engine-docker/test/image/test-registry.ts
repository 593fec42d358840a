import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A registry of the test's own. */
export interface TestRegistry extends AsyncDisposable {
  /** Where it listens: `127.0.0.1:port`. */
  readonly host: string;
}

/** The user of a registry with a password. */
export const registryUser = 'agent';
/** The user's password. */
export const registryPassword = 'open sesame: 1+1';
/** What bcrypt makes of the two. */
const passwordFile = 'agent:$2b$05$abcdefghijklmnopqrstuuUkDi6dqWSKP0qzeskJ8McDyApGVfyz.\n';

/** A registry of Debian's docker-registry is there. */
export function hasRegistry(): boolean {
  return spawnSync('docker-registry', ['--version']).status === 0;
}

/** Starts a registry on loopback, which daemons take for secure enough. */
export async function startRegistry({ password = false } = {}): Promise<TestRegistry> {
  const directory = await mkdtemp(join(tmpdir(), 'recac-registry-'));
  const host = `127.0.0.1:${await findPort()}`;
  const file = join(directory, 'htpasswd');
  await writeFile(file, passwordFile);
  const auth = password ? `auth: { htpasswd: { realm: test, path: ${file} } }` : '';
  const config = join(directory, 'config.yml');
  await writeFile(
    config,
    `version: 0.1\nlog: { level: error }\nstorage: { filesystem: { rootdirectory: ${directory}/data }, delete: { enabled: true } }\nhttp: { addr: "${host}" }\n${auth}\n`,
  );
  const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  for (let left = 200; !(await answers(host)); left -= 1) {
    if (left === 0 || child.exitCode !== null) throw new Error('the registry does not answer');
    await pause(50);
  }
  return {
    host,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answers(host: string): Promise<boolean> {
  return fetch(`http://${host}/v2/`).then(
    ({ status }) => status === 200 || status === 401,
    () => false,
  );
}

/** A port on loopback that nothing listens on. */
export async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, 'close');
  return port;
}
