import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { RecacError } from '@recac/engine-core';
import { Manifest } from '../manifest/manifest.ts';
import type { ManifestEntry } from '../manifest/manifest-entry.ts';
import { readManifest } from '../manifest/read-manifest.ts';
import { toPathBytes } from '../manifest/scan-path.ts';
import { toScriptInput } from '../small-input.ts';
import { stagePrefix } from './receive-script.ts';
import { discardLeftScript, dropLeftScript, readyLeftScript, sumLeftScript } from './resume-script.ts';
import { runScript } from './run-script.ts';
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
    const kept = await findWhole(ends, id, alike);
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
  const isSameTime = wanted.modifiedNs / 1_000_000_000n === left.modifiedNs / 1_000_000_000n;
  return wanted.size === left.size && wanted.mode === left.mode && isSameTime;
}

async function findWhole(ends: SyncEnds, id: string, alike: Manifest): Promise<Manifest> {
  const kept = new Manifest(alike.table);
  if (alike.size === 0) return kept;
  const root = Buffer.from(ends.directory).toString('latin1');
  let rest = '';
  await runScript(ends, sumLeftScript, {
    parameters: [id],
    input: await toScriptInput(toPathList(alike.paths())),
    onOutput: (piece) => {
      const lines = (rest + Buffer.from(piece).toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [, sum, path = ''] = /^([0-9a-f]{64}) [ *]\.\/(.*)$/.exec(line) ?? [];
        const entry = alike.get(path);
        if (sum !== undefined && entry !== undefined && sumOf(`${root}/${path}`) === sum) kept.set(path, entry);
      }
    },
  });
  return kept;
}

const pieceBytes = 1_048_576;

/** SHA-256 of a file of this machine; undefined when it cannot be read. */
function sumOf(path: string): string | undefined {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(pieceBytes);
  let file: number | undefined;
  try {
    file = openSync(toPathBytes(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece))
      hash.update(piece.subarray(0, length));
    return hash.digest('hex');
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
