import { abortedError, RecacError } from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import type { ApiClient } from '../api/api-client.ts';
import { toApiStatus } from '../api/api-error.ts';
import { readList, readListVersion } from '../api/list-objects.ts';
import { type ObjectChange, ObjectTable, type WatchedObject } from './object-table.ts';
import { parseWatchLine } from './watch-line.ts';

/** What to watch. */
export interface ObjectWatchOptions<Item> {
  /** Calls of the API server. */
  readonly client: ApiClient;
  /** Path of the kind's list. */
  readonly path: string;
  /** Selectors of the list and the watch. */
  readonly query: Readonly<Record<string, string>>;
  /** Keeps the fields that are used of an object. */
  readonly project: (object: Item) => Item;
  /** What there was before the first listener, or was missed, is not wanted: the list is asked for its version only. Default: false. */
  readonly onlyNew?: boolean;
}

/** Who wants to know. */
export interface WatchListener<Item> {
  /** Called for each change. */
  readonly onChange: (change: ObjectChange<Item>) => void;
  /** Called once when the watch cannot go on, such as when the right to it is gone. Default: nothing happens. */
  readonly onFailure?: (error: unknown) => void;
}

/** The server ends a watch after so long, which is opened again where it ended. */
const watchSeconds = 45;
/** A watch that has not ended by then is silent: its line is dead, and the state must not be older than a minute. */
const silentMs = 55_000;
/** How long it goes on when nobody listens any more: starts and stops come in series. */
const idleMs = 5_000;
const firstPauseMs = 100;
/** After a restart of the API server the watch goes on within five seconds. */
const longestPauseMs = 2_000;

/**
 * The objects that a selector finds, kept true by one watch. Opened by the first listener, closed some seconds after the last. It resumes where it ended, and only a version that
 * the server does not know any more is answered by a new list, of which the difference is told.
 */
export class ObjectWatch<Item extends WatchedObject> {
  /** What is known. */
  readonly table = new ObjectTable<Item>();
  readonly #options: ObjectWatchOptions<Item>;
  readonly #listeners = new Set<WatchListener<Item>>();
  #running: AbortController | undefined;
  #synced = Promise.withResolvers<void>();
  #closing: NodeJS.Timeout | undefined;
  #version: string | undefined;

  constructor(options: ObjectWatchOptions<Item>) {
    this.#options = options;
  }

  /** Somebody listens, or has until lately. */
  get isOpen(): boolean {
    return this.#running !== undefined;
  }

  /** Settles once the table holds what existed when the first listener came. Rejects when it cannot be had. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  /** Listens from now on. Gives what ends it. */
  listen(listener: WatchListener<Item>): () => void {
    clearTimeout(this.#closing);
    this.#listeners.add(listener);
    this.#open();
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
      this.#closing = setTimeout(() => this.close(), idleMs);
      this.#closing.unref();
    };
  }

  /** Ends the watch. A later listener opens it again. */
  close(): void {
    clearTimeout(this.#closing);
    if (!this.#running) return;
    this.#running.abort();
    this.#running = undefined;
    this.#synced.reject(abortedError('watching', 'the watch was closed'));
  }

  #open(): void {
    if (this.#running) return;
    const running = new AbortController();
    this.#running = running;
    this.#synced = Promise.withResolvers<void>();
    this.#synced.promise.catch(() => {});
    this.#version = undefined;
    this.#run(running.signal).catch((error: unknown) => this.#fail(running, error));
  }

  #fail(running: AbortController, error: unknown): void {
    this.#synced.reject(error);
    if (this.#running !== running) return;
    this.close();
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const { onFailure } of listeners) onFailure?.(error);
  }

  async #run(signal: AbortSignal): Promise<void> {
    let wasSynced = false;
    for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const begunAt = performance.now();
      try {
        if (this.#version === undefined) await this.#list(signal);
        wasSynced = true;
        this.#synced.resolve();
        await this.#follow(signal);
      } catch (error) {
        if (signal.aborted) return;
        const status = toApiStatus(error);
        if (status === 410) this.#version = undefined;
        else if (!wasSynced || status === 401 || status === 403) throw error;
      }
      if (performance.now() - begunAt > longestPauseMs) pauseMs = firstPauseMs;
      await delay(pauseMs * (0.5 + Math.random() / 2), signal);
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, path, query, project, onlyNew = false } = this.#options;
    const { objects, version } = onlyNew
      ? { objects: [], version: await readListVersion(client, { path, query, signal }) }
      : await readList<Item>(client, { path, query, project, signal });
    signal.throwIfAborted();
    this.#version = version;
    for (const change of this.table.replace(objects, this.#version)) this.#tell(change);
  }

  /** Takes events until the server ends the watch in order, or says nothing for too long. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { client, path, query, project } = this.#options;
    const silence = AbortSignal.timeout(silentMs);
    try {
      for await (const line of client.lines({
        method: 'GET',
        path,
        query: {
          ...query,
          watch: 'true',
          allowWatchBookmarks: 'true',
          timeoutSeconds: String(watchSeconds),
          ...(this.#version === undefined ? {} : { resourceVersion: this.#version }),
        },
        signal: AbortSignal.any([signal, silence]),
      })) {
        const event = parseWatchLine(line);
        if (event === undefined) return;
        if (event.type === 'ERROR') throw toWatchError(event.status);
        if (event.type === 'BOOKMARK') this.#version = event.version ?? this.#version;
        else this.#take(event.type, project(event.object as unknown as Item));
      }
    } catch (error) {
      if (!silence.aborted) throw error;
    }
  }

  #take(type: ObjectChange<Item>['type'], object: Item): void {
    this.#version = object.metadata.resourceVersion ?? this.#version;
    this.#tell(this.table.apply({ type, object }));
  }

  #tell(change: ObjectChange<Item> | undefined): void {
    if (change === undefined) return;
    for (const { onChange } of [...this.#listeners]) onChange(change);
  }
}

function toWatchError(status: number | undefined): RecacError {
  return new RecacError('RECAC_ENGINE_UNAVAILABLE', `the API server ended a watch (${status ?? 'no status'}).`, {
    details: { status },
  });
}
