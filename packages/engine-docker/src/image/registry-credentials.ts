import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import { RecacError } from '@recac/engine-core';
import { absolute, findDockerDirectory, type LocateEnvironment } from '../daemon/docker-directory.ts';
import { readDockerJson } from '../daemon/docker-file.ts';
import { askCredentialHelper } from './credential-helper.ts';

/** Credentials in the form that the daemon takes. */
export interface RegistryCredentials {
  /** User name. */
  readonly username?: string;
  /** Password. */
  readonly password?: string;
  /** Token that replaces both. */
  readonly identitytoken?: string;
  /** Token that is sent to the registry as it is. */
  readonly registrytoken?: string;
  /** The registry they are for. */
  readonly serveraddress: string;
}

/** Docker Hub is known under the address of an interface that is long gone. */
const dockerHubKey = 'https://index.docker.io/v1/';

/** The credentials for a registry as the docker command finds them: helper of the registry, store, file. Gives undefined when there are none. */
export async function findDockerCredentials(
  registry: string,
  environment: LocateEnvironment,
  signal?: AbortSignal,
): Promise<RegistryCredentials | undefined> {
  const path = join(findDockerDirectory(environment), 'config.json');
  return findInFile(path, registry, environment, signal);
}

/** The same as Podman finds them: in the first `auth.json` that there is. */
export async function findPodmanCredentials(
  registry: string,
  environment: LocateEnvironment,
  signal?: AbortSignal,
): Promise<RegistryCredentials | undefined> {
  const runtime = absolute('XDG_RUNTIME_DIR', environment);
  const config = absolute('XDG_CONFIG_HOME', environment) ?? join(environment.homeDirectory, '.config');
  const named = absolute('REGISTRY_AUTH_FILE', environment);
  const directories = runtime === undefined ? [config] : [runtime, config];
  const paths = named === undefined ? directories.map((directory) => join(directory, 'containers/auth.json')) : [named];
  for (const path of paths) {
    const found = await findInFile(path, registry, environment, signal);
    if (found) return found;
  }
  return undefined;
}

async function findInFile(
  path: string,
  registry: string,
  { homeDirectory }: LocateEnvironment,
  signal: AbortSignal | undefined,
): Promise<RegistryCredentials | undefined> {
  const config = await readDockerJson(path);
  if (config === undefined) return undefined;
  const key = toConfigKey(registry);
  const helper = find(toObject(config.credHelpers), registry) ?? config.credsStore;
  if (helper !== undefined && helper !== '')
    return askCredentialHelper(String(helper), key, { workingDirectory: homeDirectory, ...(signal ? { signal } : {}) });
  const entry = find(toObject(config.auths), registry);
  return entry === undefined ? undefined : fromEntry(toObject(entry), key, path);
}

function toConfigKey(registry: string): string {
  return registry === 'docker.io' ? dockerHubKey : registry;
}

/** The entry under the registry's own key, else under one that differs in scheme and path only. */
function find(entries: Readonly<Record<string, unknown>>, registry: string): unknown {
  const key = toConfigKey(registry);
  if (Object.hasOwn(entries, key)) return entries[key];
  const similar = Object.keys(entries).find((name) => toHost(name) === toHost(key));
  return similar === undefined ? undefined : entries[similar];
}

function toHost(key: string): string {
  const host = key.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
  return host === 'docker.io' ? 'index.docker.io' : host;
}

function fromEntry(
  { auth, username, password, identitytoken, registrytoken }: Readonly<Record<string, unknown>>,
  serveraddress: string,
  path: string,
): RegistryCredentials | undefined {
  if (isText(identitytoken)) return { identitytoken, serveraddress };
  if (isText(registrytoken)) return { registrytoken, serveraddress };
  if (isText(auth)) {
    const plain = Buffer.from(auth, 'base64').toString('utf8');
    const colon = plain.indexOf(':');
    if (colon < 1) throw entryRefused(path, serveraddress);
    return { username: plain.slice(0, colon), password: plain.slice(colon + 1).replace(/\0+$/, ''), serveraddress };
  }
  return isText(username) && isText(password) ? { username, password, serveraddress } : undefined;
}

function entryRefused(path: string, server: string): RecacError {
  return new RecacError(
    'RECAC_IMAGE_PULL_FAILED',
    `the entry for ${server} in ${path} is not what "docker login" writes. Log in again.`,
    { details: { cause: 'denied', path } },
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function toObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
