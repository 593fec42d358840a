import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { RecacError } from '@recac/engine-core';
import { entryBytes, type Manifest } from '../manifest/manifest.ts';
import type { PathTable } from '../manifest/path-table.ts';
import { type BaseChange, WorkspaceBase } from './workspace-base.ts';

const signature = Buffer.from('recac base 1\n');

/** A file is frames: what it holds (one byte), length, CRC-32 of the content (32 bits each, little-endian), content. */
const frameKind = {
  /** New rows of the table: row of the directory (32 bits), length of the name (16 bits), name. */
  names: 1,
  /** What this machine holds: row (32 bits), entry. */
  host: 2,
  /** What the environment holds, in the same way. */
  environment: 3,
  /** All frames since the last one like this are a change that is complete. */
  end: 4,
} as const;

const frameHeaderBytes = 9;
const nameHeaderBytes = 6;
const rowBytes = 4 + entryBytes;
/** Rows of one frame. */
const rowsInFrame = 4_096;
const longestFrame = 1_048_576;
/** Bytes of one frame of names at most. */
const frameBytes = 524_288;

/** Writes a base to a file, so that another process can go on from it after this one was killed. It is whole or the one before. */
export async function saveBase(path: string, { table, host, environment }: WorkspaceBase): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  try {
    await using file = await open(draft, 'w', 0o600);
    await file.write(signature);
    const parts = [toNameFrames(table, 1), toRowFrames('host', host), toRowFrames('environment', environment)];
    // Each frame counts by itself, so that a reader need not hold them all: the file is there as a whole or not.
    for (const part of parts)
      for (const frame of part) {
        await file.appendFile(frame);
        await file.appendFile(endFrame);
      }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/**
 * Adds a change to the file of a base, which costs as much as the change, not as the base. A change that was cut off counts as not written.
 * `firstRow`: the first row of the table that the file does not have.
 */
export async function appendToBase(
  path: string,
  base: WorkspaceBase,
  { change, firstRow }: { readonly change: BaseChange; readonly firstRow: number },
): Promise<void> {
  const touched = function* (side: 'host' | 'environment'): Generator<number, void, undefined> {
    const { removed, set } = change[side];
    for (const paths of [removed.paths(), set.paths()])
      for (const path of paths) {
        const row = base.table.find(path);
        if (row !== undefined) yield row;
      }
  };
  await using file = await open(path, 'a', 0o600);
  const parts = [
    toNameFrames(base.table, firstRow),
    toRowFrames('host', base.host, touched('host')),
    toRowFrames('environment', base.environment, touched('environment')),
  ];
  for (const part of parts) for (const frame of part) await file.appendFile(frame);
  await file.appendFile(endFrame);
}

/** Reads a base; undefined when there is none. Errors: `RECAC_WORKSPACE_UNAVAILABLE` for a file that is damaged. */
export async function loadBase(path: string): Promise<WorkspaceBase | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  await using opened = file;
  try {
    return await readFrames(opened);
  } catch (cause) {
    const message = `${path}, which says what was sent to the session, is damaged. Fetch the files with recac cp instead.`;
    throw new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { cause, details: { path } });
  }
}

async function readFrames(file: FileHandle): Promise<WorkspaceBase> {
  const base = new WorkspaceBase();
  const start = Buffer.alloc(signature.length);
  await file.read(start, 0, start.length, 0);
  if (!start.equals(signature)) throw new TypeError('it does not begin as such a file does');
  let whole = signature.length;
  let waiting: Frame[] = [];
  for (let at = whole; ; ) {
    const frame = await readFrame(file, at);
    if (frame === undefined) break;
    at += frameHeaderBytes + frame.content.length;
    if (frame.kind !== frameKind.end) {
      waiting.push(frame);
      continue;
    }
    for (const one of waiting) takeFrame(base, one);
    waiting = [];
    whole = at;
  }
  if ((await file.stat()).size > whole) await file.truncate(whole);
  return base;
}

interface Frame {
  readonly kind: number;
  readonly content: Buffer;
}

/** Gives undefined at the end of the file, and for a frame that goes on beyond it. */
async function readFrame(file: FileHandle, at: number): Promise<Frame | undefined> {
  const header = Buffer.allocUnsafe(frameHeaderBytes);
  if ((await file.read(header, 0, frameHeaderBytes, at)).bytesRead < frameHeaderBytes) return undefined;
  const length = header.readUInt32LE(1);
  if (length > longestFrame) throw new TypeError('a frame is too long');
  const content = Buffer.allocUnsafe(length);
  if (length > 0 && (await file.read(content, 0, length, at + frameHeaderBytes)).bytesRead < length) return undefined;
  if (crc32(content) !== header.readUInt32LE(5)) throw new TypeError('a frame is not what was written');
  return { kind: header[0] ?? 0, content };
}

function takeFrame(base: WorkspaceBase, { kind, content }: Frame): void {
  if (kind === frameKind.names) takeNames(base.table, content);
  else if (kind === frameKind.host) takeRows(base.host, content);
  else if (kind === frameKind.environment) takeRows(base.environment, content);
  else throw new TypeError(`there is no frame of kind ${kind}`);
}

function takeNames(table: PathTable, content: Buffer): void {
  for (let at = 0; at < content.length; ) {
    const parent = content.readUInt32LE(at);
    const length = content.readUInt16LE(at + 4);
    if (parent >= table.size) throw new TypeError('a directory comes after what is in it');
    at += nameHeaderBytes;
    table.addName(parent, content.toString('latin1', at, at + length));
    at += length;
  }
}

function takeRows(manifest: Manifest, content: Buffer): void {
  for (let at = 0; at < content.length; at += rowBytes) {
    const row = content.readUInt32LE(at);
    if (row >= manifest.table.size) throw new TypeError('an entry has no path');
    manifest.loadRow(row, content, at + 4);
  }
}

function* toNameFrames(table: PathTable, firstRow: number): Generator<Buffer, void, undefined> {
  const frame = Buffer.allocUnsafeSlow(frameBytes);
  for (let row = firstRow; row < table.size; ) {
    let at = frameHeaderBytes;
    for (; row < table.size; row += 1) {
      const name = table.nameOf(row);
      if (at + nameHeaderBytes + name.length > frame.length) break;
      frame.writeUInt32LE(table.parentOf(row), at);
      frame.writeUInt16LE(name.length, at + 4);
      frame.write(name, at + nameHeaderBytes, 'latin1');
      at += nameHeaderBytes + name.length;
    }
    yield seal(frameKind.names, frame.subarray(0, at));
  }
}

function* toRowFrames(
  kind: 'host' | 'environment',
  manifest: Manifest,
  rows: Iterable<number> = manifest.rows(),
): Generator<Buffer, void, undefined> {
  const frame = Buffer.allocUnsafeSlow(frameHeaderBytes + rowsInFrame * rowBytes);
  let at = frameHeaderBytes;
  for (const row of rows) {
    frame.writeUInt32LE(row, at);
    manifest.copyRow(row, frame, at + 4);
    at += rowBytes;
    if (at < frame.length) continue;
    yield seal(frameKind[kind], frame);
    at = frameHeaderBytes;
  }
  if (at > frameHeaderBytes) yield seal(frameKind[kind], frame.subarray(0, at));
}

const endFrame = seal(frameKind.end, Buffer.alloc(frameHeaderBytes));

/** Puts the header before the content of a frame, where there is room for it. */
function seal(kind: number, frame: Buffer): Buffer {
  const content = frame.subarray(frameHeaderBytes);
  frame[0] = kind;
  frame.writeUInt32LE(content.length, 1);
  frame.writeUInt32LE(crc32(content), 5);
  return frame;
}
