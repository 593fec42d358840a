import { readlinkSync } from 'node:fs';
import { toSteps } from '../archive/entry-path.ts';
import { readTar } from '../archive/tar-reader.ts';
import { toBytePath } from '../byte-path.ts';
import { Manifest } from '../manifest/manifest.ts';
import type { ManifestEntry } from '../manifest/manifest-entry.ts';
import { toPathBytes } from '../manifest/scan-path.ts';
import { openFetch } from './fetch-changes.ts';
import { fetchScript } from './receive-script.ts';
import { sumScript } from './resume-script.ts';
import { findSameFiles } from './same-files.ts';
import type { SyncEnds } from './send-changes.ts';

/**
 * Which files and links of this machine are the same in the workspace: mode, and content by its SHA-256. What cannot be compared, for want of `sha256sum` for example, is not the same.
 * `there`: what the workspace holds. Gives entries of that. Errors: as `sendChanges`.
 */
export async function findSameContent(ends: SyncEnds, here: Manifest, there: Manifest): Promise<Manifest> {
  const [files, links, same] = [new Manifest(here.table), new Manifest(here.table), new Manifest(here.table)];
  for (const [path, entry] of here) {
    const other = there.get(path);
    if (other?.type !== entry.type) continue;
    if (entry.type === 'link') links.set(path, other);
    if (entry.type === 'file' && entry.size === other.size && entry.mode === other.mode) files.set(path, other);
  }
  for (const [path, entry] of await findSameFiles(ends, files, { script: sumScript, parameters: [] }))
    same.set(path, entry);
  for await (const [path, entry] of findSameLinks(ends, links)) same.set(path, entry);
  return same;
}

async function* findSameLinks(
  ends: SyncEnds,
  links: Manifest,
): AsyncGenerator<readonly [string, ManifestEntry], void, undefined> {
  if (links.size === 0) return;
  const root = toBytePath(ends.directory);
  const { output } = openFetch(ends, { script: fetchScript, parameters: [], paths: [...links.paths()] });
  for await (const { entry } of readTar(output, { joined: true })) {
    const path = toSteps(entry.name).join('/');
    const link = entry.type === 'link' ? links.get(path) : undefined;
    if (link !== undefined && targetOf(`${root}/${path}`) === entry.linkName) yield [path, link];
  }
}

/** Target of a link of this machine; undefined when it is none. */
function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(toPathBytes(path), { encoding: 'latin1' });
  } catch {
    return undefined;
  }
}
