import { createGunzip } from 'node:zlib';
import { toSteps } from './entry-path.ts';
import { encodeHeader, paddingAfter } from './tar-header.ts';
import { readTar } from './tar-reader.ts';

/**
 * The members of somebody's archive under another directory, read and written anew: what is no archive, leads outside by its name or ends too early
 * is found here, before the other side takes it for complete. Gzip is understood. Errors: `RECAC_INVALID_ARGUMENT`.
 */
export async function* packArchive(
  archive: AsyncIterable<Uint8Array>,
  directory: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const top = { mode: 0o755, modifiedSeconds: Date.now() / 1_000, size: 0, linkName: '' };
  yield encodeHeader({ ...top, name: `${directory}/`, type: 'directory' });
  for await (const { entry, body } of readTar(gunzipped(archive))) {
    const steps = toSteps(entry.name);
    if (entry.type === 'special' || steps.length === 0) continue;
    const linkName = entry.type === 'hardLink' ? [directory, ...toSteps(entry.linkName)].join('/') : entry.linkName;
    const mode = entry.type === 'directory' ? entry.mode | 0o700 : entry.mode;
    yield encodeHeader({ ...entry, name: [directory, ...steps].join('/'), linkName, mode });
    for await (const piece of body) yield Uint8Array.from(piece);
    yield paddingAfter(entry.size);
  }
}

async function* gunzipped(archive: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = archive[Symbol.asyncIterator]();
  const first = await chunks.next();
  const all = prepend(first, { [Symbol.asyncIterator]: () => chunks });
  const isGzip = !first.done && first.value[0] === 0x1f && first.value[1] === 0x8b;
  if (isGzip) yield* (await import('node:stream')).Readable.from(all).compose(createGunzip()) as AsyncIterable<Buffer>;
  else yield* all;
}

async function* prepend(
  first: IteratorResult<Uint8Array>,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}
