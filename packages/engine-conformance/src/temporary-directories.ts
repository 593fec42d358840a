import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Directories of this machine that are removed together. */
export class TemporaryDirectories {
  readonly #paths: string[] = [];

  /** Makes an empty directory that every user may write to; gives its real path. */
  async create(): Promise<string> {
    const path = await mkdtemp(join(await realpath(tmpdir()), 'recac-conformance-'));
    this.#paths.push(path);
    await chmod(path, 0o777);
    return path;
  }

  /** Removes all of them. Never rejects. */
  async remove(): Promise<void> {
    const removals = this.#paths.map((path) => rm(path, { recursive: true, force: true, maxRetries: 2 }));
    await Promise.allSettled(removals);
  }
}
