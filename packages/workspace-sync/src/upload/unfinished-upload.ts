import { readFile, rm, writeFile } from 'node:fs/promises';
import type { Environment } from '@recac/engine-core';

/** An upload that began, and of which nobody knows yet that it ended. */
export interface UnfinishedUpload {
  /** Environment that it goes to. */
  readonly environmentId: string;
  /** Names its stage there. */
  readonly id: string;
}

/** Says that an upload begins. `path`: file of this machine that says so until it ended. */
export async function rememberUpload(path: string, upload: UnfinishedUpload): Promise<void> {
  await writeFile(path, `${JSON.stringify(upload)}\n`, { mode: 0o600 });
}

/** The upload to an environment that was cut off; undefined when there is none. */
export async function recallUpload(path: string, environment: Environment): Promise<UnfinishedUpload | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    const { environmentId, id } = JSON.parse(text) as UnfinishedUpload;
    return environmentId === environment.id && /^[\w-]+$/.test(id) ? { environmentId, id } : undefined;
  } catch {
    return undefined;
  }
}

/** Says that it ended. */
export async function forgetUpload(path: string): Promise<void> {
  await rm(path, { force: true });
}
