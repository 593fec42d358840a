import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { RecacError } from '@recac/engine-core';
import { type Kubeconfig, mergeKubeconfigs, parseKubeconfig } from './kubeconfig.ts';

/** Where to look. */
export interface KubeconfigSources {
  /** A file that must exist; nothing else is looked at then. `~/` is the home directory. */
  readonly kubeconfig?: string;
  /** Variables: `KUBECONFIG`, a list of files of which missing ones are passed over. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const largestFile = 10 * 1_048_576;

/** The kubeconfig as kubectl finds it; undefined when there is none. Errors: `RECAC_CONFIG_INVALID` that names the file. */
export async function readKubeconfig({ kubeconfig, environment }: KubeconfigSources): Promise<Kubeconfig | undefined> {
  if (kubeconfig !== undefined) return readOne(toHomePath(kubeconfig), true);
  const listed = (environment.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  const paths = listed.length > 0 ? listed : [join(environment.HOME ?? homedir(), '.kube/config')];
  const files = await Promise.all(paths.map((path) => readOne(path, false)));
  const found = files.filter((file) => file !== undefined);
  return found.length === 0 ? undefined : mergeKubeconfigs(found);
}

async function readOne(path: string, isRequired: boolean): Promise<Kubeconfig | undefined> {
  const information = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && !isRequired) return undefined;
    throw unreadable(path, error.code === 'ENOENT' ? 'it does not exist' : (error.code ?? error.message), error);
  });
  if (information === undefined) return undefined;
  if (!information.isFile())
    throw unreadable(path, information.isDirectory() ? 'it is a directory' : 'it is no regular file');
  if (information.size > largestFile) throw unreadable(path, 'it is larger than 10 MiB');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw unreadable(path, error.code ?? error.message, error);
  });
  return parseKubeconfig(text, path);
}

function toHomePath(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}

function unreadable(path: string, rule: string, cause?: unknown): RecacError {
  return new RecacError(
    'RECAC_CONFIG_INVALID',
    `the kubeconfig ${path} cannot be read: ${rule}. Name another with --kubeconfig.`,
    {
      cause,
      details: { path, rule },
    },
  );
}
