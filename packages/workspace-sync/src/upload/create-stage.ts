import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../is-alive.ts';
import { stagePrefix } from '../stage-prefix.ts';

/** A directory in another one to make files ready in. What a process that was killed left of its own is removed first. */
export async function createStage(directory: string): Promise<string> {
  for (const name of await readdir(directory)) {
    const owner = name.startsWith(stagePrefix) ? /^(\d+)-/.exec(name.slice(stagePrefix.length))?.[1] : undefined;
    if (owner !== undefined && !isAlive(Number(owner)))
      await rm(join(directory, name), { recursive: true, force: true });
  }
  return mkdtemp(join(directory, `${stagePrefix}${process.pid}-`));
}
