import { RecacError } from '@recac/engine-core';
import { Manifest } from '../manifest/manifest.ts';
import type { ManifestEntry } from '../manifest/manifest-entry.ts';
import { readManifest } from '../manifest/read-manifest.ts';
import { toScriptInput } from '../small-input.ts';
import { stagePrefix } from '../stage-prefix.ts';
import { isPackedAs } from './pack-tree.ts';
import { discardLeftScript, dropLeftScript, readyLeftScript, sumLeftScript } from './resume-script.ts';
import { runScript } from './run-script.ts';
import { findSameFiles } from './same-files.ts';
import type { SyncEnds } from './send-changes.ts';
import { toPathList } from './to-path-list.ts';

/**
 * Finds what an upload left in its stage that was cut off, and keeps there what is whole: files whose mode, size, time and SHA-256 are what this machine would send. Gives
 * them, or undefined when there is nothing to go on with. Errors: `RECAC_ABORTED`, and those of `exec`.
 */
export async function resumeUpload(ends: SyncEnds, id: string, entries: Manifest): Promise<Manifest | undefined> {
  try {
    await runScript(ends, readyLeftScript, { parameters: [id] });
    const { alike, other } = await listLeft(ends, id, entries);
    const kept = await findSameFiles(ends, alike, { script: sumLeftScript, parameters: [id] });
    for (const [path, entry] of alike) if (!kept.has(path)) other.set(path, entry);
    await runScript(ends, dropLeftScript, { parameters: [id], input: await toScriptInput(toPathList(other.paths())) });
    return kept;
  } catch (error) {
    if (!RecacError.isInstance(error) || error.code !== 'RECAC_WORKSPACE_UNAVAILABLE') throw error;
    await discardUpload(ends, id);
    return undefined;
  }
}

/** Removes what an upload left that was cut off. Errors: as {@link resumeUpload}, and `RECAC_WORKSPACE_UNAVAILABLE`. */
export async function discardUpload(ends: SyncEnds, id: string): Promise<void> {
  await runScript(ends, discardLeftScript, { parameters: [id] });
}

/** Files of the stage: those that look like what is to be sent, and the others. */
async function listLeft(
  { engine, environment, signal }: SyncEnds,
  id: string,
  entries: Manifest,
): Promise<{ readonly alike: Manifest; readonly other: Manifest }> {
  const [alike, other] = [new Manifest(entries.table), new Manifest()];
  const workspacePath = `${environment.workspacePath}/${stagePrefix}${id}/content`;
  await readManifest(
    engine,
    { ...environment, workspacePath },
    {
      visit: (path, entry) => {
        if (entry.type !== 'directory') (isAlike(entries.get(path), entry) ? alike : other).set(path, entry);
      },
      ...(signal === undefined ? {} : { signal }),
    },
  );
  return { alike, other };
}

function isAlike(wanted: ManifestEntry | undefined, left: ManifestEntry): boolean {
  if (wanted?.type !== 'file' || left.type !== 'file') return false;
  return wanted.mode === left.mode && isPackedAs(wanted, left);
}
