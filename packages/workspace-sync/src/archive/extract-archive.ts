import { closeSync, fchmodSync, futimesSync, openSync, type Stats, writeSync } from 'node:fs';
import { chmod, link, lstat, mkdir, symlink, utimes } from 'node:fs/promises';
import type { RecacError } from '@recac/engine-core';
import { checkLinkTarget, isInside, toSteps } from './entry-path.ts';
import { copiedModeBits, type TarEntry } from './tar-entry.ts';
import { badArchive, quoteName } from './tar-error.ts';
import { readTar, type TarMember } from './tar-reader.ts';

const refused = 'It is refused; nothing was copied.';

/** Of all names that are left out. */
const maximumSkippedBytes = 16 * 1_048_576;

/** Linux makes no link to a longer name. */
const maximumTargetBytes = 4_095;

/** What was taken out of an archive. */
export interface ExtractReport {
  /** Files, directories and links. */
  readonly entries: number;
  /** Bytes of files. */
  readonly bytes: number;
  /** Names of devices and FIFOs, and of links that lead outside where they are skipped, which are left out. */
  readonly skipped: readonly string[];
}

/** Where to extract. */
export interface ExtractOptions {
  /** Path that the root of the archive gets; it must not exist. */
  readonly target: string;
  /** Name in the archive that is the root: a file, a link or a directory. Default: `.`. */
  readonly root?: string;
  /** Archives may follow one another, and hold nothing. Default: false. */
  readonly joined?: boolean;
  /** A link that leads outside is left out and named in the report; else the archive is refused. Default: false. */
  readonly skipUnsafeLinks?: boolean;
  /** Whether a file, link or device was asked for; an archive with another one is refused. Default: all are. */
  readonly isWanted?: (path: string) => boolean;
  /** Permission bits that are taken over. Default: all. */
  readonly modeMask?: number;
  /** Stops between two pieces. */
  readonly signal?: AbortSignal;
}

/**
 * Takes an archive apart on this machine, trusting nothing in it: no name and no link leads outside the target, nothing is written through a link,
 * nothing is overwritten, and no set-uid bit, device or owner is made. Links are made last. Errors: `RECAC_INVALID_ARGUMENT` for an archive that
 * would, and the system's.
 */
export async function extractArchive(
  archive: AsyncIterable<Uint8Array>,
  options: ExtractOptions,
): Promise<ExtractReport> {
  const extraction = new Extraction(options);
  await extraction.take(archive);
  return extraction.finish();
}

/** An extraction of several archives into one target: see {@link extractArchive}. What it remembers grows with directories and links, not with files. */
export class Extraction {
  readonly #target: Buffer;
  readonly #root: readonly string[];
  readonly #options: ExtractOptions;
  /** What was made so far, without files, which the file system knows: nobody else writes to the target. */
  readonly #kinds = new Map<string, 'directory' | 'link'>();
  readonly #directories: { readonly path: Buffer; readonly entry: TarEntry }[] = [];
  readonly #links: { readonly path: Buffer; readonly target: Buffer }[] = [];
  readonly #skipped: string[] = [];
  #skippedBytes = 0;
  #hasMembers = false;
  #entries = 0;
  #bytes = 0;

  constructor(options: ExtractOptions) {
    const { target, root = '.' } = options;
    this.#options = options;
    this.#target = Buffer.from(target);
    this.#root = toSteps(root);
  }

  /** Takes one archive apart. Errors: `RECAC_INVALID_ARGUMENT`, and the system's. */
  async take(archive: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const member of readTar(archive, { joined: this.#options.joined ?? false })) {
      this.#options.signal?.throwIfAborted();
      await this.#add(member);
    }
  }

  /** Makes the links, and says what was taken. Errors: `RECAC_INVALID_ARGUMENT` when that is nothing, unless archives are joined. */
  async finish(): Promise<ExtractReport> {
    if (!this.#hasMembers && !this.#options.joined) throw badArchive('is empty', 'Nothing was copied.');
    for (const { path, target } of this.#links) await symlink(target, path);
    for (const { path, entry } of this.#directories.reverse()) {
      await chmod(path, entry.mode | 0o700);
      await utimes(path, entry.modifiedSeconds, entry.modifiedSeconds);
    }
    return { entries: this.#entries, bytes: this.#bytes, skipped: this.#skipped };
  }

  async #add({ entry, body }: TarMember): Promise<void> {
    this.#hasMembers = true;
    const steps = this.#withoutRoot(entry.name);
    if (entry.type !== 'directory' && this.#options.isWanted?.(steps.join('/')) === false)
      throw badArchive(`holds ${quoteName(entry.name)}, which was not asked for`, refused);
    if (entry.type === 'special') return this.#skip(entry);
    if (entry.type === 'link' && entry.linkName.length > maximumTargetBytes)
      throw badArchive(`holds the link ${quoteName(entry.name)} to a name that no link can have`, refused);
    if (entry.type === 'link' && this.#options.skipUnsafeLinks === true && !isInside(steps, entry.linkName))
      return this.#skip(entry);
    const known = this.#kinds.get(steps.join('/'));
    if (known !== undefined && !(known === 'directory' && entry.type === 'directory')) throw twice(entry);
    await this.#makeParents(steps);
    try {
      await this.#make(steps, entry, body);
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'EEXIST' && steps.length > 0 ? twice(entry) : error;
    }
    this.#entries += 1;
  }

  #skip({ name }: TarEntry): void {
    this.#skippedBytes += name.length;
    if (this.#skippedBytes > maximumSkippedBytes)
      throw badArchive('holds too much that is neither file, directory nor link that stays inside', refused);
    this.#skipped.push(name);
  }

  async #make(steps: readonly string[], entry: TarEntry, body: AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.#pathOf(steps);
    if (entry.type === 'directory') {
      if (!this.#kinds.has(steps.join('/'))) await mkdir(path, 0o700);
      this.#directories.push({ path, entry });
      this.#kinds.set(steps.join('/'), 'directory');
    } else if (entry.type === 'link') {
      checkLinkTarget(steps, entry.linkName);
      if ((await lstatOf(path)) !== undefined) throw twice(entry);
      this.#links.push({ path, target: Buffer.from(entry.linkName, 'latin1') });
      this.#kinds.set(steps.join('/'), 'link');
    } else if (entry.type === 'hardLink') {
      await link(await this.#pathOfFile(entry), path);
    } else {
      await this.#writeFile(path, entry, body);
    }
  }

  async #writeFile(path: Buffer, entry: TarEntry, body: AsyncIterable<Uint8Array>): Promise<void> {
    // Promises would take three times as long for many small files (`pitfalls.md` 4).
    const file = openSync(path, 'wx', 0o600);
    try {
      for await (const piece of body) for (let at = 0; at < piece.length; ) at += writeSync(file, piece, at);
      fchmodSync(file, entry.mode & (this.#options.modeMask ?? copiedModeBits));
      futimesSync(file, entry.modifiedSeconds, entry.modifiedSeconds);
    } finally {
      closeSync(file);
    }
    this.#bytes += entry.size;
  }

  /** Directories that the archive leaves out are made; what is no directory is never gone through. */
  async #makeParents(steps: readonly string[]): Promise<void> {
    if (steps.length > 0 && this.#kinds.get(steps.slice(0, -1).join('/')) === 'directory') return;
    for (let depth = 0; depth < steps.length; depth += 1) {
      const parent = steps.slice(0, depth);
      const kind = this.#kinds.get(parent.join('/'));
      if (kind === 'directory') continue;
      const path = this.#pathOf(parent);
      if (kind !== undefined || (depth > 0 && (await lstatOf(path)) !== undefined))
        throw badArchive(`holds ${quoteName(steps.join('/'))}, whose parent is no directory`, refused);
      await mkdir(path, 0o755);
      this.#kinds.set(parent.join('/'), 'directory');
    }
  }

  #withoutRoot(name: string): readonly string[] {
    const steps = toSteps(name);
    if (this.#root.some((step, index) => steps[index] !== step))
      throw badArchive(`holds ${quoteName(name)}, which was not asked for`, refused);
    return steps.slice(this.#root.length);
  }

  async #pathOfFile(entry: TarEntry): Promise<Buffer> {
    const path = this.#pathOf(this.#withoutRoot(entry.linkName));
    if ((await lstatOf(path))?.isFile()) return path;
    throw badArchive(
      `holds the hard link ${quoteName(entry.name)} to ${quoteName(entry.linkName)}, which is no file of it`,
      refused,
    );
  }

  #pathOf(steps: readonly string[]): Buffer {
    return Buffer.concat([this.#target, ...steps.map((step) => Buffer.from(`/${step}`, 'latin1'))]);
  }
}

function lstatOf(path: Buffer): Promise<Stats | undefined> {
  return lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
}

function twice({ name }: TarEntry): RecacError {
  return badArchive(`holds ${quoteName(name)} twice`, refused);
}
