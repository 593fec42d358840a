import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { type Repository, resolveReference } from './repository.ts';
import { runGit } from './run-git.ts';
import { listTreeChanges, makeEmptyTree } from './tree-changes.ts';

/** The files of this machine as they lie there, looked at once each. Paths are bytes, one character each. */
export class WorkingTree {
  readonly #repository: Repository;
  readonly #seen = new Map<string, Promise<Stats | undefined>>();

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** What is at a path, without following links; undefined for nothing. */
  look(path: string): Promise<Stats | undefined> {
    let seen = this.#seen.get(path);
    if (seen === undefined) {
      const name = Buffer.concat([Buffer.from(`${this.#repository.directory}/`), Buffer.from(path, 'latin1')]);
      seen = lstat(name).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
        throw error;
      });
      this.#seen.set(path, seen);
    }
    return seen;
  }

  /** What is no directory where one is needed for a path: one of the steps above it. */
  async findBarrier(path: string): Promise<string | undefined> {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      const above = path.slice(0, slash);
      const found = await this.look(above);
      if (found === undefined) return undefined;
      if (!found.isDirectory()) return above;
    }
    return undefined;
  }

  /**
   * What git does not track and lies where the files of another tree that HEAD does not have would come. git itself refuses to overwrite it only where it does not ignore it. Errors:
   * `RECAC_WORKSPACE_GIT_FAILED`.
   */
  async listInTheWay(target: string): Promise<readonly string[]> {
    const found = new Map<string, boolean>();
    const head = (await resolveReference(this.#repository, 'HEAD')) ?? (await makeEmptyTree(this.#repository));
    for (const { path, oldMode } of await listTreeChanges(this.#repository, head, target)) {
      if (oldMode !== '000000') continue;
      const barrier = await this.findBarrier(path);
      const there = await this.look(path);
      if (barrier !== undefined) found.set(barrier, false);
      else if (there !== undefined) found.set(path, there.isDirectory());
    }
    if (found.size === 0) return [];
    const tracked = new Set(await this.#list('--cached'));
    const inTheWay: string[] = [];
    for (const [path, isDirectory] of found)
      if (isDirectory ? (await this.#list('--others', path)).length > 0 : !tracked.has(path)) inTheWay.push(path);
    return inTheWay;
  }

  /** Whether a directory holds anything besides some paths and the directories that those lie in: an empty directory in it is something, an empty one itself holds nothing. */
  async holdsMore(path: string, known: ReadonlySet<string>): Promise<boolean> {
    const entries = await this.#readDirectory(path);
    for (const entry of entries) {
      const below = `${path}/${entry.name.toString('latin1')}`;
      const isEmpty = entry.isDirectory() && (await this.#readDirectory(below)).length === 0;
      if (isEmpty || (entry.isDirectory() ? await this.holdsMore(below, known) : !known.has(below))) return true;
    }
    return false;
  }

  #readDirectory(path: string): Promise<Dirent<Buffer>[]> {
    const name = Buffer.concat([Buffer.from(`${this.#repository.directory}/`), Buffer.from(path, 'latin1')]);
    return readdir(name, { encoding: 'buffer', withFileTypes: true });
  }

  async #list(what: '--cached' | '--others', path?: string): Promise<readonly string[]> {
    const { directory } = this.#repository;
    const below = path === undefined ? [] : ['--', `:(literal)${Buffer.from(path, 'latin1').toString()}`];
    const { output } = await runGit({ directory, arguments: ['ls-files', what, '-z', ...below] });
    return output
      .toString('latin1')
      .split('\0')
      .filter((name) => name !== '');
  }
}
