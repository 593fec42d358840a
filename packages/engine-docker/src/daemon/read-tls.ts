import { join } from 'node:path';
import { RecacError } from '@recac/engine-core';
import type { DaemonTls } from './daemon-address.ts';
import { absolute, findDockerDirectory, type LocateEnvironment } from './docker-directory.ts';
import { readDockerFile } from './docker-file.ts';

/**
 * The TLS settings that the variables ask for: DOCKER_TLS_VERIFY with any value, `0` too, checks the daemon's certificate; DOCKER_TLS only encrypts.
 * The files come from DOCKER_CERT_PATH, else from the docker directory. `ca.pem` must be there, the other two may be missing.
 */
export async function readVariablesTls(environment: LocateEnvironment): Promise<DaemonTls | undefined> {
  const { DOCKER_TLS_VERIFY: verify, DOCKER_TLS: encrypt } = environment.variables;
  if (!verify && !encrypt) return undefined;
  const directory = absolute('DOCKER_CERT_PATH', environment) ?? findDockerDirectory(environment);
  const files = await readTlsFiles(directory);
  if (files.ca === undefined)
    throw new RecacError(
      'RECAC_ENGINE_UNAVAILABLE',
      `${verify ? 'DOCKER_TLS_VERIFY' : 'DOCKER_TLS'} is set, and ${join(directory, 'ca.pem')} does not exist. Set DOCKER_CERT_PATH to the directory of ca.pem, cert.pem and key.pem.`,
      { details: { path: directory } },
    );
  return { ...files, verify: Boolean(verify) };
}

/** Reads `ca.pem`, `cert.pem` and `key.pem`, those that exist. */
export async function readTlsFiles(directory: string): Promise<DaemonTls> {
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readDockerFile(join(directory, name))),
  );
  if ((cert === undefined) !== (key === undefined))
    throw new RecacError(
      'RECAC_ENGINE_UNAVAILABLE',
      `${directory} has only one of cert.pem and key.pem. A certificate needs its key: add the other file.`,
      { details: { path: directory } },
    );
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}
