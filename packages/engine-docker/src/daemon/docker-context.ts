import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RecacError } from '@recac/engine-core';
import type { DaemonAddress } from './daemon-address.ts';
import { readDockerJson } from './docker-file.ts';
import { formatHost, parseHost } from './parse-host.ts';
import { readTlsFiles } from './read-tls.ts';

/** Which context, and where to look. */
export interface ContextOptions {
  /** The docker command's configuration directory. */
  readonly directory: string;
  /** What named the context: `DOCKER_CONTEXT`. */
  readonly namedBy: string;
  /** Platform of this client. */
  readonly platform: NodeJS.Platform;
}

/** Reads a context that `docker context create` made. Rejects an unknown one with the names of those that exist. */
export async function readContext(name: string, options: ContextOptions): Promise<DaemonAddress> {
  const { directory, namedBy, platform } = options;
  const id = createHash('sha256').update(name).digest('hex');
  const meta = await readDockerJson(join(directory, 'contexts', 'meta', id, 'meta.json'));
  if (!meta) throw await unknownContext(name, options);
  const { Host: host, SkipTLSVerify: skip } = toEndpoint(meta);
  if (typeof host !== 'string' || host === '')
    throw new RecacError(
      'RECAC_ENGINE_UNAVAILABLE',
      `the docker context "${name}" (${namedBy}) names no Docker daemon. Choose another: docker context ls`,
      { details: { context: name } },
    );
  const files = await readTlsFiles(join(directory, 'contexts', 'tls', id, 'docker'));
  const encrypted = skip === true || Object.keys(files).length > 0;
  const source = `context ${name} (${namedBy})`;
  const target = parseHost(host, { source: `the address in the docker context "${name}"`, platform });
  const address = { host: formatHost(target), source };
  return encrypted && target.scheme === 'tcp' ? { ...address, tls: { ...files, verify: skip !== true } } : address;
}

function toEndpoint(meta: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const endpoints = meta.Endpoints as { readonly docker?: unknown } | null | undefined;
  return (endpoints?.docker ?? {}) as Readonly<Record<string, unknown>>;
}

async function unknownContext(name: string, { directory, namedBy }: ContextOptions): Promise<RecacError> {
  const known = ['default', ...(await listContexts(directory))];
  return new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    `there is no docker context "${name}" (${namedBy}). There are: ${known.join(', ')}.`,
    { details: { context: name, known } },
  );
}

async function listContexts(directory: string): Promise<readonly string[]> {
  const root = join(directory, 'contexts', 'meta');
  const ids = await readdir(root).catch(() => []);
  const names = await Promise.all(
    ids.map(async (id) => {
      const meta = await readDockerJson(join(root, id, 'meta.json')).catch(() => undefined);
      return typeof meta?.Name === 'string' ? meta.Name : undefined;
    }),
  );
  return names.filter((found) => found !== undefined).sort();
}
