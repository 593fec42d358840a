import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../is-alive.ts';
import { stagePrefix } from '../stage-prefix.ts';

/** A directory in another one to make files ready in, below a name of one's own. What a process that was killed left of its own is removed first. Errors: the system's. */
export async function createStage(directory: string): Promise<string> {
  // What may be written to may not be listed.
  for (const name of await readdir(directory).catch(() => [])) {
    const owner = name.startsWith(stagePrefix) ? /^(\d+)-/.exec(name.slice(stagePrefix.length))?.[1] : undefined;
    if (owner !== undefined && !isAlive(Number(owner)))
      await rm(join(directory, name), { recursive: true, force: true });
  }
  const stage = await mkdtemp(join(directory, `${stagePrefix}${process.pid}-`));
  await writeFile(join(stage, '.gitignore'), '*\n');
  return stage;
}
