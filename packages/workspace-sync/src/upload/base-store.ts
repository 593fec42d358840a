import { stat } from 'node:fs/promises';
import { appendToBase, loadBase, saveBase } from './base-file.ts';
import { type BaseChange, changeBase, WorkspaceBase } from './workspace-base.ts';

/** Rows that are added to the file of a base until it is written anew. */
const mostAppended = 5_000;

interface Known {
  readonly path: string;
  readonly base: WorkspaceBase;
  /** What the file was when it was read or written last. */
  readonly stamp: string;
  /** Rows of the table that the file has. */
  readonly rows: number;
  /** Entries that were added to it since it was written as a whole. */
  readonly appended: number;
}

/** The base of one session, in memory and in its file. Another process may write to the file meanwhile: it is read again when it is not what it was. */
export class BaseStore {
  #known: Known | undefined;

  /** What both sides had in common. Errors: those of {@link loadBase}. */
  async load(path: string): Promise<WorkspaceBase> {
    if (this.#known?.path === path && this.#known.stamp === (await stampOf(path))) return this.#known.base;
    this.#known = undefined;
    const base = (await loadBase(path)) ?? new WorkspaceBase();
    this.#known = { path, base, stamp: await stampOf(path), rows: base.table.size, appended: Number.POSITIVE_INFINITY };
    return base;
  }

  /** Puts a change into both. A small one is added to the file; now and then, and for a large one, it is written anew. Errors: the system's. */
  async change(path: string, change: BaseChange): Promise<void> {
    const base = await this.load(path);
    const { appended, rows } = this.#known ?? { appended: Number.POSITIVE_INFINITY, rows: 1 };
    // After an error the file is read again.
    this.#known = undefined;
    changeBase(base, change);
    const sides = [change.host, change.environment].map(({ set, removed }) => set.size + removed.size);
    const next = appended + Math.max(...sides);
    const isSmall = next < mostAppended;
    await (isSmall ? appendToBase(path, base, { change, firstRow: rows }) : saveBase(path, base));
    const isWasteful = !isSmall && base.table.size > 2 * Math.max(mostAppended, base.host.size, base.environment.size);
    if (isWasteful) return;
    this.#known = { path, base, stamp: await stampOf(path), rows: base.table.size, appended: isSmall ? next : 0 };
  }
}

/** Changes with each write to a file; empty when there is none. */
async function stampOf(path: string): Promise<string> {
  const status = await stat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return status === undefined ? '' : `${status.ino} ${status.size} ${status.mtimeNs}`;
}
