import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { rootCertificates } from 'node:tls';
import type { DaemonTls } from '../daemon/daemon-address.ts';
import type { DaemonClient } from '../daemon/daemon-client.ts';

/** What lets the docker command reach a daemon. */
export type ReachableDaemon = Pick<DaemonClient, 'endpoint' | 'tls' | 'apiVersion'>;

/** For its records of a build buildx runs git in the context, with the programs that a repository there names. */
const withoutGit = { BUILDX_GIT_INFO: 'false', BUILDX_GIT_LABELS: 'false', BUILDX_GIT_CHECK_DIRTY: 'false' } as const;

/**
 * The environment in which the docker command and its plugins use the same daemon as we do, whatever context, builder or TLS settings the user has chosen. Certificates and key
 * are written to `directory`, which is nobody else's to read. The version of the API is told since buildx has given up to agree on one (0.31 asks a daemon of 1.41 for 1.52).
 */
export async function toDockerVariables(
  { endpoint, tls, apiVersion }: ReachableDaemon,
  directory: string,
): Promise<NodeJS.ProcessEnv> {
  const {
    DOCKER_CONTEXT: _context,
    BUILDX_BUILDER: _builder,
    DOCKER_TLS: _tls,
    DOCKER_TLS_VERIFY: _verify,
    DOCKER_CERT_PATH: _certificates,
    ...rest
  } = process.env;
  return {
    ...(apiVersion === undefined ? {} : { DOCKER_API_VERSION: apiVersion }),
    ...rest,
    DOCKER_HOST: endpoint,
    NO_COLOR: '1',
    ...withoutGit,
    ...(tls ? await writeCertificates(tls, directory) : {}),
  };
}

async function writeCertificates(
  { ca = rootCertificates.join('\n'), cert, key, verify = true }: DaemonTls,
  directory: string,
): Promise<NodeJS.ProcessEnv> {
  for (const [name, text] of Object.entries({ 'ca.pem': ca, 'cert.pem': cert, 'key.pem': key }))
    if (text !== undefined) await writeFile(join(directory, name), text, { mode: 0o600 });
  return { DOCKER_CERT_PATH: directory, ...(verify ? { DOCKER_TLS_VERIFY: '1' } : { DOCKER_TLS: '1' }) };
}
