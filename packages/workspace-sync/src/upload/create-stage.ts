import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../is-alive.ts';

const prefix = '.recac-stage-';

/** A directory in another one to make files ready in. What a process that was killed left of its own is removed first. */
export async function createStage(directory: string): Promise<string> {
  for (const name of await readdir(directory)) {
    const owner = /^\.recac-stage-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner)))
      await rm(join(directory, name), { recursive: true, force: true });
  }
  return mkdtemp(join(directory, `${prefix}${process.pid}-`));
}
