import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { toBytePath } from '../byte-path.ts';
import { Manifest } from '../manifest/manifest.ts';
import { toPathBytes } from '../manifest/scan-path.ts';
import { toScriptInput } from '../small-input.ts';
import { runScript } from './run-script.ts';
import type { SyncEnds } from './send-changes.ts';
import { toPathList } from './to-path-list.ts';

/** Which files have, where a script looks that prints the SHA-256 and name of each, the content that they have on this machine. Errors: those of `runScript`. */
export async function findSameFiles(
  ends: SyncEnds,
  files: Manifest,
  { script, parameters }: { readonly script: string; readonly parameters: readonly string[] },
): Promise<Manifest> {
  const same = new Manifest(files.table);
  if (files.size === 0) return same;
  const root = toBytePath(ends.directory);
  let rest = '';
  await runScript(ends, script, {
    parameters,
    input: await toScriptInput(toPathList(files.paths())),
    onOutput: (piece) => {
      const lines = (rest + Buffer.from(piece).toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [, sum, path = ''] = /^([0-9a-f]{64}) [ *]\.\/(.*)$/.exec(line) ?? [];
        const entry = files.get(path);
        if (sum !== undefined && entry !== undefined && sumOf(`${root}/${path}`) === sum) same.set(path, entry);
      }
    },
  });
  return same;
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
