import { type EnvironmentStatus, RecacError } from '@recac/engine-core';

/** Pause before a removal that was not answered is tried again, in milliseconds. */
const retryMs = 10_000;

/** How long a start that failed waits to be told what there is to remove, in milliseconds. */
const firstLookMs = 5_000;

/** Removes something, as often as it is called. `lookMs`: how long to wait for what there is, where that is short. */
export type Removal = (signal: AbortSignal, lookMs?: number) => Promise<void>;

/** Removals that the API server does not answer go on in the background, for as long as the engine is open. */
export class Removals {
  readonly #stuck = new Set<string>();
  readonly #closing = new AbortController();
  readonly #listeners = new Set<(id: string) => void>();

  /** Calls `onChange` with an id whenever what `show` makes of it changes. Gives what ends it. */
  listen(onChange: (id: string) => void): () => void {
    this.#listeners.add(onChange);
    return () => void this.#listeners.delete(onChange);
  }

  /** A status as it is shown: `Stuck` while the removal was not answered and is still tried, unless the cluster is at it. */
  show(status: EnvironmentStatus): EnvironmentStatus {
    if (status.phase === 'Terminating' || !this.#stuck.has(status.id)) return status;
    return { ...status, phase: 'Unknown', reason: 'Stuck', message: 'the API server has not answered its removal' };
  }

  /** Removes an environment. Errors: those of `removal`; with `details.stuck` when it was not answered in time, and then it is tried again until it is. */
  async remove(id: string, removal: Removal, signal: AbortSignal): Promise<void> {
    try {
      await removal(signal);
      this.#unstick(id);
    } catch (error) {
      if (!RecacError.isInstance(error) || error.details.reason !== 'Timeout') throw error;
      const isKnown = this.#stuck.has(id);
      this.#stuck.add(id);
      if (!isKnown) {
        this.#tell(id);
        void this.#repeat(removal).finally(() => this.#unstick(id));
      }
      throw toStuck(error);
    }
  }

  /** Removes what nobody knows of but us. Where the API server cannot be asked it is tried again until it can. Gives why it is not removed now; undefined when it is. Never rejects. */
  async removeUnknown(removal: Removal): Promise<unknown> {
    const { signal } = this.#closing;
    try {
      await removal(signal, firstLookMs);
      return undefined;
    } catch (error) {
      if (!isUnanswered(error)) return error;
      void this.#repeat(removal);
      return toStuck(error);
    }
  }

  /** Ends what is still tried. */
  close(): void {
    this.#closing.abort();
  }

  #unstick(id: string): void {
    if (this.#stuck.delete(id)) this.#tell(id);
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }

  async #repeat(removal: Removal): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await quietDelay(retryMs, signal);
      try {
        if (!signal.aborted) await removal(signal);
        return;
      } catch (error) {
        if (!isUnanswered(error)) return;
      }
    }
  }
}

/** What was answered has been accepted, or is refused for good. */
function isUnanswered(error: unknown): error is RecacError {
  return RecacError.isInstance(error) && error.code === 'RECAC_ENGINE_UNAVAILABLE' && error.details.stuck !== true;
}

function toStuck(error: RecacError): RecacError {
  const message = `${error.message} The removal goes on in the background for as long as this process lives.`;
  return new RecacError(error.code, message, { cause: error, details: { ...error.details, stuck: true } });
}

/** As `delay`, without keeping the process alive. */
function quietDelay(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds).unref();
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
