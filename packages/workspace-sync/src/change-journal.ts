import { type Dirent, type FSWatcher, lstatSync, readdirSync, watch } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { stagePrefix } from './stage-prefix.ts';

/**
 * Which paths of a directory of this machine changed, as the file system tells. It watches directories, not files as `fs.watch` does by itself for a whole tree, so a tree of
 * 10 000 files in 100 directories takes 100 watches.
 */
export class ChangeJournal implements Disposable {
  readonly #root: string;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #paths = new Set<string>();
  /** Something changed that no path tells: everything has to be looked at. */
  #isVague = false;
  #count = 0;
  #wake: (() => void) | undefined;

  /** Begins at once. What cannot be watched (too many directories, a name that is no text) makes every answer a vague one. */
  constructor(directory: string) {
    this.#root = directory;
    this.#watchBelow('');
  }

  /** Paths that changed since the last call, of directories all that is below; undefined: nobody knows, look at everything. */
  take(): readonly string[] | undefined {
    const paths = this.#isVague ? undefined : [...this.#paths];
    this.#paths.clear();
    this.#isVague = false;
    return paths;
  }

  /** How many changes it was told of, in all. */
  get count(): number {
    return this.#count;
  }

  /** Whether all that changed was taken. */
  get isEmpty(): boolean {
    return !this.#isVague && this.#paths.size === 0;
  }

  /** Waits until something changed, the time is up, or the signal fires. */
  async wait(limitMs: number, signal: AbortSignal): Promise<void> {
    if (!this.isEmpty) return;
    const stopped = new AbortController();
    const changed = new Promise<void>((done) => {
      this.#wake = done;
    });
    const timer = pause(limitMs, undefined, { signal: AbortSignal.any([signal, stopped.signal]) }).catch(() => {});
    await Promise.race([changed, timer]);
    stopped.abort();
    this.#wake = undefined;
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #add(path: string | undefined): void {
    this.#count += 1;
    if (path === undefined) this.#isVague = true;
    else this.#paths.add(path);
    this.#wake?.();
  }

  #watchBelow(path: string): void {
    this.#watchOne(path);
    for (const entry of readEntries(this.#toFull(path)))
      if (entry.isDirectory() && !isLeftOut(entry.name)) this.#watchBelow(join(path, entry.name));
  }

  #watchOne(path: string): void {
    this.#watchers.get(path)?.close();
    try {
      const watcher = watch(this.#toFull(path), { encoding: 'buffer' }, (event, name) =>
        this.#onEvent(path, event, name),
      );
      watcher.on('error', () => this.#forget(path));
      this.#watchers.set(path, watcher);
    } catch {
      this.#add(undefined);
    }
  }

  #onEvent(directory: string, event: string, name: Buffer | null): void {
    const text = name?.toString();
    if (name === null || text === undefined || !Buffer.from(text).equals(name)) {
      this.#add(undefined);
      return;
    }
    if (isLeftOut(text)) return;
    const path = join(directory, text);
    // Something came or went: a directory that came has to be watched, and what is in it already is below its path.
    if (event === 'rename') {
      this.#forget(path);
      if (lstatSync(this.#toFull(path), { throwIfNoEntry: false })?.isDirectory()) this.#watchBelow(path);
    }
    this.#add(path);
  }

  #forget(path: string): void {
    for (const [watched, watcher] of this.#watchers) {
      if (watched !== path && !watched.startsWith(`${path}/`)) continue;
      watcher.close();
      this.#watchers.delete(watched);
    }
  }

  #toFull(path: string): string {
    return path === '' ? this.#root : `${this.#root}/${path}`;
  }
}

/** What a directory holds; nothing when it is gone or cannot be read. */
function readEntries(path: string): readonly Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}

function join(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}

/** Whether a name is one that is never carried. */
function isLeftOut(name: string): boolean {
  return name === '.git' || name.startsWith(stagePrefix);
}
