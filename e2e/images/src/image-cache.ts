import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { ImageRecipe } from './image-recipe.ts';
import { runProgram } from './run-program.ts';

/** Where everything lies that tests keep on this machine: `recac-test` in the user's cache directory. */
export function cacheDirectory(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'recac-test');
}

/** The key of an image: the same as long as the image would come out the same. */
export async function imageKey(recipe: ImageRecipe): Promise<string> {
  const parts = [recipe.reference, ...recipe.changes, ...(await recipe.inputs())];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** The tar file of an image's root file system, built when this machine does not have it yet. */
export async function cachedImage(recipe: ImageRecipe): Promise<string> {
  const directory = join(cacheDirectory(), 'images');
  const file = join(directory, `${recipe.reference.replaceAll(/[/:]/g, '-')}-${await imageKey(recipe)}.tar`);
  if (await exists(file)) return file;
  if (process.getuid?.() !== 0) throw new Error(`only root can build ${recipe.reference}. Build it once as root.`);
  await mkdir(directory, { recursive: true });
  const work = await mkdtemp(join(tmpdir(), 'recac-image-'));
  try {
    const root = join(work, 'root');
    await mkdir(root, { mode: 0o755 });
    await recipe.fill(root);
    // Beside the file, so that it gets its name in one step and never half written.
    const unfinished = `${file}.${process.pid}`;
    const left = ['./dev/*', './proc/*', './sys/*'].map((pattern) => `--exclude=${pattern}`);
    await runProgram(['tar', '--numeric-owner', '-C', root, '-cf', unfinished, ...left, '.']);
    await rename(unfinished, file);
    return file;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
