import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RecacError } from '@recac/engine-core';
import type { Manifest, ManifestEntry, ManifestEntryType } from '../manifest/manifest.ts';

/** What both sides held when they were last the same. */
export interface WorkspaceBase {
  /** The tree of this machine. */
  readonly host: Manifest;
  /** The tree of the environment. */
  readonly environment: Manifest;
}

/** Nothing was carried yet. */
export const emptyBase: WorkspaceBase = { host: new Map(), environment: new Map() };

type Row = readonly [string, ManifestEntryType, number, number, string];

/** Writes a base to a file, so that another process can go on from it after this one was killed. It is whole or the one before. */
export async function saveBase(path: string, base: WorkspaceBase): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  try {
    await using file = await open(draft, 'w', 0o600);
    await file.writeFile(
      `${JSON.stringify({ version: 1, host: toRows(base.host), environment: toRows(base.environment) })}\n`,
    );
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Reads a base; undefined when there is none. Errors: `RECAC_WORKSPACE_UNAVAILABLE` for a file that is damaged. */
export async function loadBase(path: string): Promise<WorkspaceBase | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const { host, environment } = JSON.parse(text) as {
      readonly host: readonly Row[];
      readonly environment: readonly Row[];
    };
    return { host: toManifest(host), environment: toManifest(environment) };
  } catch (cause) {
    const message = `${path}, which says what was sent to the session, is damaged. Fetch the files with recac cp instead.`;
    throw new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { cause, details: { path } });
  }
}

function toRows(manifest: Manifest): readonly Row[] {
  return Array.from(manifest, ([path, { type, mode, size, stamp }]) => [path, type, mode, size, stamp] as const);
}

function toManifest(rows: readonly Row[]): Manifest {
  return new Map(
    rows.map(([path, type, mode, size, stamp]): [string, ManifestEntry] => [path, { type, mode, size, stamp }]),
  );
}
