import { join } from 'node:path';
import { invalidArgument } from '@recac/engine-core';
import type { DaemonAddress } from './daemon-address.ts';
import { readContext } from './docker-context.ts';
import { findDockerDirectory, type LocateEnvironment } from './docker-directory.ts';
import { readDockerJson } from './docker-file.ts';
import { formatHost, parseHost } from './parse-host.ts';
import { readVariablesTls } from './read-tls.ts';

/** Which daemon the caller names. */
export interface DaemonChoice {
  /** Address, as in DOCKER_HOST. */
  readonly host?: string;
  /** Name of a docker context. */
  readonly context?: string;
}

/**
 * The daemon that somebody chose, in the docker command's order: the caller's host or context, DOCKER_HOST, DOCKER_CONTEXT, the current context of
 * `config.json`. Undefined: nobody chose. Connects to nothing.
 */
export async function chooseDaemon(
  { host, context }: DaemonChoice,
  environment: LocateEnvironment,
): Promise<DaemonAddress | undefined> {
  if (host !== undefined && context !== undefined)
    throw invalidArgument('host', 'cannot be given together with a context', 'Name the daemon by one of them.');
  if (host === '' || context === '')
    throw invalidArgument(host === '' ? 'host' : 'context', 'is empty', 'Leave it out, or name a daemon.');
  if (host !== undefined) return toAddress(host, 'host', environment);
  if (context !== undefined) return fromContext(context, 'chosen', environment);
  const { DOCKER_HOST: hostVariable, DOCKER_CONTEXT: contextVariable } = environment.variables;
  if (hostVariable?.trim()) return toAddress(hostVariable, 'DOCKER_HOST', environment);
  if (contextVariable) return fromContext(contextVariable, 'DOCKER_CONTEXT', environment);
  const path = join(findDockerDirectory(environment), 'config.json');
  const current = (await readDockerJson(path))?.currentContext;
  if (typeof current !== 'string' || current === '' || current === 'default') return undefined;
  return fromContext(current, `currentContext of ${path}`, environment);
}

async function toAddress(host: string, source: string, environment: LocateEnvironment): Promise<DaemonAddress> {
  const { platform } = environment;
  const target = parseHost(host, { source, platform });
  const tls = target.scheme === 'tcp' ? await readVariablesTls(environment) : undefined;
  const address = { host: formatHost(target), source };
  return tls ? { ...address, tls } : address;
}

function fromContext(name: string, namedBy: string, environment: LocateEnvironment): Promise<DaemonAddress> {
  const { platform, variables } = environment;
  if (name !== 'default') return readContext(name, { directory: findDockerDirectory(environment), namedBy, platform });
  const host = variables.DOCKER_HOST?.trim() || (platform === 'win32' ? 'npipe://' : 'unix://');
  return toAddress(host, `context default (${namedBy})`, environment);
}
