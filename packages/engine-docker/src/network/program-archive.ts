import { Buffer } from 'node:buffer';
import { tarEnd, toPadding, toTarHeader } from '../tar-header.ts';

/** A tar archive with one executable file that belongs to root. */
export function toProgramArchive(name: string, program: Buffer): Buffer {
  const size = program.length;
  const header = toTarHeader({ path: name, type: 'file', mode: 0o755, size, modifiedSeconds: 0 });
  return Buffer.concat([header, program, toPadding(size), tarEnd]);
}
