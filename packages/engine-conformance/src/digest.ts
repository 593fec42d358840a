import { createHash } from 'node:crypto';
import type { ContainerEngine } from '@recac/engine-core';
import { assertExited } from './assert-outcome.ts';

/** SHA-256 of bytes on this side, in hexadecimal. */
export function digest(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** SHA-256 of a file in an environment, computed there, in hexadecimal. */
export async function digestInside(engine: ContainerEngine, id: string, path: string): Promise<string> {
  const result = await engine.exec(id, ['sha256sum', path]);
  assertExited(result);
  return result.stdout.slice(0, 64);
}

/** A command that makes `path` of `mebibytes` MiB of random bytes. */
export function randomFile(path: string, mebibytes: number): readonly string[] {
  return ['sh', '-c', 'dd if=/dev/urandom of="$1" bs=1048576 count="$2" 2>/dev/null', 'sh', path, String(mebibytes)];
}
