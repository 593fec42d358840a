import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeCommand } from './cluster-holder.ts';
import { readPlan } from './cluster-plan.ts';
import type { RunningCluster } from './start-cluster.ts';

/** A registry beside a cluster, from which its node pulls. */
export interface TestRegistry {
  /** `address:port`: the first part of the references of its images. */
  readonly host: string;
  /** User and password, where it wants them. */
  readonly login?: { readonly user: string; readonly password: string };
}

/** Which registry is started. */
export interface RegistryOptions {
  /** Where it listens, on the cluster's own address. */
  readonly port: number;
  /** It wants a user and a password. Default: false. */
  readonly password?: boolean;
}

const login = { user: 'agent', password: 'open sesame: 1+1' };
/** What bcrypt makes of the two. */
const passwordFile = 'agent:$2b$05$abcdefghijklmnopqrstuuUkDi6dqWSKP0qzeskJ8McDyApGVfyz.\n';

/** Starts Debian's docker-registry in the network of a cluster of ours, and tells its node to use it without TLS. It ends with the cluster. */
export async function startRegistry(
  { directory, start }: Pick<RunningCluster, 'directory' | 'start'>,
  { port, password }: RegistryOptions,
): Promise<TestRegistry> {
  const plan = await readPlan(directory);
  const host = `${plan.address}:${port}`;
  const work = join(directory, `registry-${port}`);
  await mkdir(work);
  await writeFile(join(work, 'htpasswd'), passwordFile);
  await writeFile(
    join(work, 'config.yml'),
    JSON.stringify({
      version: '0.1',
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: join(work, 'data') }, delete: { enabled: true } },
      http: { addr: host },
      ...(password ? { auth: { htpasswd: { realm: 'test', path: join(work, 'htpasswd') } } } : {}),
    }),
  );
  const hosts = join(directory, 'registries', host);
  await mkdir(hosts, { recursive: true });
  await writeFile(
    join(hosts, 'hosts.toml'),
    `server = "http://${host}"\n[host."http://${host}"]\n  capabilities = ["pull", "resolve"]\n`,
  );
  const name = `registry-${port}` as const;
  await writeCommand(plan, name, ['docker-registry', 'serve', join(work, 'config.yml')]);
  await start(name);
  for (let left = 400; !(await answers(host)); left -= 1) {
    if (left === 0) throw new Error(`the registry does not answer: ${await readLog(directory, name)}`);
    await delay(50);
  }
  return { host, ...(password ? { login } : {}) };
}

async function answers(host: string): Promise<boolean> {
  return fetch(`http://${host}/v2/`).then(
    ({ status }) => status === 200 || status === 401,
    () => false,
  );
}

function readLog(directory: string, name: string): Promise<string> {
  return readFile(join(directory, 'log', `${name}.log`), 'utf8').catch(() => 'it has said nothing');
}
