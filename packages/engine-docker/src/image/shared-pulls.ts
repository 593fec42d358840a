import { abortedError, type ImageProgress, throwIfAborted } from '@recac/engine-core';

/** What one caller of a pull wants. */
export interface PullCaller {
  /** Ends this caller's waiting; the pull itself ends with its last caller. */
  readonly signal?: AbortSignal;
  /** Called as layers arrive. */
  readonly onProgress?: (progress: ImageProgress) => void;
}

/** Work that several callers wait for. */
export type Pull<T> = (signal: AbortSignal, onProgress: (progress: ImageProgress) => void) => Promise<T>;

interface Running {
  readonly work: Promise<unknown>;
  readonly end: AbortController;
  readonly callers: Set<PullCaller>;
}

/** Pulls that go on: callers that want the same one share it. */
export class SharedPulls {
  readonly #running = new Map<string, Running>();

  /** Joins the pull with this key, or begins it. A caller that gives up leaves the others alone. */
  async join<T>(key: string, caller: PullCaller, pull: Pull<T>): Promise<T> {
    const { signal } = caller;
    throwIfAborted(signal, 'pulling the image');
    const running = this.#running.get(key) ?? this.#begin(key, pull);
    const joined = { ...caller };
    running.callers.add(joined);
    const gaveUp = Promise.withResolvers<never>();
    const giveUp = (): void => gaveUp.reject(abortedError('pulling the image', signal?.reason));
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      return (await Promise.race([running.work, gaveUp.promise])) as T;
    } finally {
      signal?.removeEventListener('abort', giveUp);
      running.callers.delete(joined);
      if (running.callers.size === 0) this.#end(key, running);
    }
  }

  #begin<T>(key: string, pull: Pull<T>): Running {
    const end = new AbortController();
    const callers = new Set<PullCaller>();
    const tell = (progress: ImageProgress): void => {
      for (const { onProgress } of callers) onProgress?.(progress);
    };
    const running = { work: pull(end.signal, tell), end, callers };
    running.work.catch(() => {});
    this.#running.set(key, running);
    return running;
  }

  /** Before the work has ended, so that nobody joins a pull that is being given up. */
  #end(key: string, running: Running): void {
    if (this.#running.get(key) === running) this.#running.delete(key);
    running.end.abort();
  }
}
