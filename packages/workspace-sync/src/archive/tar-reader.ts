import { ByteReader } from './byte-reader.ts';
import { parsePaxRecords } from './pax-records.ts';
import { blockBytes, type TarEntry } from './tar-entry.ts';
import { badArchive, truncatedArchive } from './tar-error.ts';
import { decodeHeader, paddingAfter, type TarHeader } from './tar-header.ts';

/** An entry with its content. */
export interface TarMember {
  /** What the archive says of it. */
  readonly entry: TarEntry;
  /** Its bytes, to be read before the next member is asked for; a piece is valid until the next one. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** How to read. */
export interface ReadTarOptions {
  /** Archives may follow one another, as `xargs tar` writes them; else what follows the first one is not looked at. Default: false. */
  readonly joined?: boolean;
}

const maximumDescriptionBytes = 1_048_576;

/**
 * The members of a tar archive (ustar, GNU, pax), in its order. Nothing is kept in memory but one piece. Errors: `RECAC_INVALID_ARGUMENT` for
 * what is no archive, ends too early or has sparse files.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  { joined = false }: ReadTarOptions = {},
): AsyncGenerator<TarMember, void, undefined> {
  const reader = new ByteReader(source);
  try {
    for (;;) {
      const entry = await readEntry(reader);
      if (entry === undefined) {
        if (joined && (await skipZeros(reader))) continue;
        return await reader.drain();
      }
      const body = new TarBody(reader, entry.size);
      yield { entry, body };
      await body.skip();
    }
  } finally {
    await reader.close();
  }
}

/** Reads the zero blocks between two archives; false at the end of the last one. */
async function skipZeros(reader: ByteReader): Promise<boolean> {
  for (;;) {
    const block = await reader.read(blockBytes);
    if (block === undefined) return false;
    if (block.some((byte) => byte !== 0)) {
      reader.putBack(block);
      return true;
    }
  }
}

async function readEntry(reader: ByteReader): Promise<TarEntry | undefined> {
  let described: Partial<TarEntry> = {};
  for (;;) {
    const block = await reader.read(blockBytes);
    if (block === undefined) throw truncatedArchive();
    if (block.every((byte) => byte === 0)) return undefined;
    const header = decodeHeader(block);
    const found = await readDescription(reader, header);
    if (found === undefined) return toEntry(header, described);
    described = { ...described, ...found };
  }
}

function toEntry(header: TarHeader, described: Partial<TarEntry>): TarEntry {
  const { letter, ...entry } = { ...header, ...described };
  if (letter === 'S') throw badArchive('holds sparse files', 'Make it without --sparse.');
  const hasBody = entry.type === 'file' || entry.type === 'special';
  return { ...entry, size: hasBody ? entry.size : 0 };
}

/** What a describing entry says of the one that follows; `undefined` when it is none. */
async function readDescription(reader: ByteReader, header: TarHeader): Promise<Partial<TarEntry> | undefined> {
  if (!'LKxg'.includes(header.letter)) return undefined;
  if (header.size > maximumDescriptionBytes) throw badArchive('has a name that is too long', 'Make it again.');
  const body = (await reader.read(header.size)) ?? Buffer.alloc(0);
  await reader.read(paddingAfter(header.size).length);
  const text = body.toString('latin1').replace(/\0.*$/s, '');
  if (header.letter === 'L') return { name: text };
  if (header.letter === 'K') return { linkName: text };
  return header.letter === 'x' ? parsePaxRecords(body) : {};
}

/** The bytes of one member; reads exactly as many as its header says. */
class TarBody implements AsyncIterable<Uint8Array> {
  readonly #reader: ByteReader;
  readonly #size: number;
  #left: number;

  constructor(reader: ByteReader, size: number) {
    this.#reader = reader;
    this.#size = size;
    this.#left = size;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    while (this.#left > 0) {
      const piece = await this.#reader.readSome(this.#left);
      this.#left -= piece.length;
      yield piece;
    }
  }

  /** Reads what nobody has read, and the padding. */
  async skip(): Promise<void> {
    while (this.#left > 0) this.#left -= (await this.#reader.readSome(this.#left)).length;
    const padding = paddingAfter(this.#size).length;
    if (padding > 0 && (await this.#reader.read(padding)) === undefined) throw truncatedArchive();
  }
}
