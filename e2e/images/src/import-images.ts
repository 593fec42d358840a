import { cachedImage, imageKey } from './image-cache.ts';
import type { ImageRecipe } from './image-recipe.ts';
import { requestDaemon } from './request-daemon.ts';

const label = 'recac-test.key';

/** Gives a daemon each of these images that it does not have as it should be. Gives the references it imported. */
export async function importImages(host: string, recipes: readonly ImageRecipe[]): Promise<readonly string[]> {
  const imported: string[] = [];
  for (const recipe of recipes) {
    const key = await imageKey(recipe);
    if (await hasImage(host, recipe.reference, key)) continue;
    await importImage(host, recipe, key);
    imported.push(recipe.reference);
  }
  return imported;
}

async function hasImage(host: string, reference: string, key: string): Promise<boolean> {
  const { status, body } = await requestDaemon({ host, path: `/images/${reference}/json` });
  if (status === 404) return false;
  if (status !== 200) throw new Error(`the daemon at ${host} answered ${status}: ${body}`);
  return JSON.parse(body).Config?.Labels?.[label] === key;
}

async function importImage(host: string, recipe: ImageRecipe, key: string): Promise<void> {
  // The full name, with the tag in it, is what Podman understands too.
  const query = new URLSearchParams({ fromSrc: '-', repo: `docker.io/${recipe.reference}` });
  for (const change of [...recipe.changes, `LABEL ${label}=${key}`]) query.append('changes', change);
  const file = await cachedImage(recipe);
  const timeoutMs = 600_000;
  const { status, body } = await requestDaemon({
    host,
    method: 'POST',
    path: `/images/create?${query}`,
    file,
    timeoutMs,
  });
  if (status !== 200 || body.includes('"error"')) throw new Error(`${recipe.reference} could not be imported: ${body}`);
}
