import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import process from 'node:process';
import { RecacError } from '@recac/engine-core';

/** What the search for the daemon looks at, besides files. */
export interface LocateEnvironment {
  /** The environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The user's home directory. */
  readonly homeDirectory: string;
  /** The user's numeric id, where there is one. */
  readonly uid?: number;
  /** The platform. */
  readonly platform: NodeJS.Platform;
}

/** That of this process. */
export function readLocateEnvironment(): LocateEnvironment {
  const uid = process.getuid?.();
  return {
    variables: process.env,
    homeDirectory: homedir(),
    platform: process.platform,
    ...(uid === undefined ? {} : { uid }),
  };
}

/** Where the docker command keeps its configuration: DOCKER_CONFIG, else `.docker` in the home directory. */
export function findDockerDirectory(environment: LocateEnvironment): string {
  const named = absolute('DOCKER_CONFIG', environment);
  if (named !== undefined) return named;
  const { homeDirectory } = environment;
  if (!isAbsolute(homeDirectory)) throw relativeRefused('HOME', homeDirectory);
  return join(homeDirectory, '.docker');
}

/** A directory that a variable names. A relative one is refused: it might lie in a workspace, from which nothing is read. */
export function absolute(name: string, { variables }: LocateEnvironment): string | undefined {
  const path = variables[name];
  if (!path || isAbsolute(path)) return path || undefined;
  throw relativeRefused(name, path);
}

function relativeRefused(name: string, path: string): RecacError {
  return new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    `${name} is the relative path "${path}", which depends on the working directory. Make it absolute.`,
    { details: { variable: name } },
  );
}
