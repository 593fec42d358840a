import { lstat, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { invalidArgument, RecacError } from '@recac/engine-core';
import { createStage } from '../upload/create-stage.ts';

/** Where a copy goes on this machine. */
export interface CopyTarget {
  /** Path that it gets, its links resolved. */
  readonly path: string;
  /** Existing directory of the same file system to prepare it in. */
  readonly stageIn: string;
}

/** What the rules of `docker cp` look at in the source. */
export interface TargetRules {
  /** Last step of its path. */
  readonly name: string;
  /** It is a directory. */
  readonly isDirectory: boolean;
  /** The content of a directory is meant, not the directory. */
  readonly isContents: boolean;
}

/** The path that a copy gets, by the rules of `docker cp`. Errors: `RECAC_INVALID_ARGUMENT`. */
export async function resolveTarget(destination: string, source: TargetRules): Promise<CopyTarget> {
  const path = resolve(destination);
  const next = `It is ${destination}.`;
  const existing = await stat(path).catch(() => undefined);
  if (existing?.isDirectory()) {
    const directory = await realpath(path);
    const target = source.isContents ? directory : join(directory, source.name);
    const isMerged = await lstat(target).then(
      (found) => found.isDirectory(),
      () => false,
    );
    return { path: target, stageIn: isMerged ? target : directory };
  }
  if (existing !== undefined && source.isDirectory)
    throw invalidArgument('destination', 'is a file, and a directory cannot take its place', next);
  if (!source.isDirectory && destination.endsWith('/'))
    throw invalidArgument('destination', 'must be a directory that exists', next);
  if (existing !== undefined) return toTarget(await realpath(path));
  const parent = await realpath(dirname(path)).catch(() => undefined);
  if (parent === undefined) throw invalidArgument('destination', 'is in a directory that does not exist', next);
  return toTarget(join(parent, basename(path)));
}

function toTarget(path: string): CopyTarget {
  return { path, stageIn: dirname(path) };
}

/** Works with a path beside the target that does not exist yet, and removes what is left there in the end. Errors: `RECAC_PERMISSION_DENIED`. */
export async function withStage<T>(target: CopyTarget, work: (staged: string) => Promise<T>): Promise<T> {
  const stage = await createStage(target.stageIn).catch((cause: NodeJS.ErrnoException) => {
    const message = `nothing can be written to ${target.stageIn} (${cause.code}). Choose another destination.`;
    throw new RecacError('RECAC_PERMISSION_DENIED', message, { cause, details: { path: target.stageIn } });
  });
  try {
    return await work(join(stage, 'content'));
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** Moves what is staged to its place, into a directory that is there file by file. Errors: `RECAC_INVALID_ARGUMENT` before the first move. */
export async function placeStaged(staged: string, { path }: CopyTarget): Promise<void> {
  const moves: Move[] = [];
  await planMoves(Buffer.from(staged), Buffer.from(path), moves);
  for (const { from, to } of moves) await rename(from, to);
}

interface Move {
  readonly from: Buffer;
  readonly to: Buffer;
}

async function planMoves(from: Buffer, to: Buffer, moves: Move[]): Promise<void> {
  const there = await lstat(to).catch(() => undefined);
  const isDirectory = (await lstat(from)).isDirectory();
  if (there === undefined || (!isDirectory && !there.isDirectory())) {
    moves.push({ from, to });
  } else if (isDirectory && there.isDirectory()) {
    for (const name of await readdir(from, { encoding: 'buffer' }))
      await planMoves(joinBytes(from, name), joinBytes(to, name), moves);
  } else {
    throw invalidArgument('destination', `holds something of another kind: ${to.toString()}`, 'Nothing was copied.');
  }
}

function joinBytes(directory: Buffer, name: Buffer): Buffer {
  return Buffer.concat([directory, Buffer.from('/'), name]);
}
