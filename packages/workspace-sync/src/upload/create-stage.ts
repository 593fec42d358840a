import { createHash } from 'node:crypto';
import { lstat, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { isAlive } from '../is-alive.ts';
import { stagePrefix } from '../stage-prefix.ts';

/** After so long a stage of another machine is nobody's any more: whether its process lives cannot be seen from here. */
const abandonedMs = 24 * 3_600_000;

/** Where the process ids of a stage's name count: a directory may be shared with other machines, or with containers of this one. */
const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/**
 * A directory in another one to make files ready in, below a name of one's own. What a process that was killed left of its own is removed first, as far as this user may. Errors: the
 * system's.
 */
export async function createStage(directory: string): Promise<string> {
  // What may be written to may not be listed.
  for (const name of await readdir(directory).catch(() => []))
    if (await isAbandoned(directory, name))
      await rm(join(directory, name), { recursive: true, force: true }).catch(() => {});
  const stage = await mkdtemp(join(directory, `${stagePrefix}${process.pid}-${machine}-`));
  try {
    await writeFile(join(stage, '.gitignore'), '*\n');
  } catch (error) {
    await rm(stage, { recursive: true, force: true });
    throw error;
  }
  return stage;
}

async function isAbandoned(directory: string, name: string): Promise<boolean> {
  const [, owner, where] = /^(\d+)-([0-9a-f]{8})-/.exec(name.slice(stagePrefix.length)) ?? [];
  if (!name.startsWith(stagePrefix) || owner === undefined) return false;
  if (where === machine) return !isAlive(Number(owner));
  const { mtimeMs } = await lstat(join(directory, name)).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs > abandonedMs;
}
