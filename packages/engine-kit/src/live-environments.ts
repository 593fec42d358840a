import { RecacError } from '@recac/engine-core';
import type { LiveEnvironment } from './live-environment.ts';
import { orAborted } from './or-aborted.ts';

/** The environments that one engine object holds something open for, by id. */
export class LiveEnvironments {
  readonly #known = new Map<string, Promise<LiveEnvironment>>();
  readonly #look: (id: string) => Promise<LiveEnvironment>;

  /** `look` asks the backend for one that is not known yet. */
  constructor(look: (id: string) => Promise<LiveEnvironment>) {
    this.#look = look;
  }

  /** Takes one that has just been started. An earlier one with its id is gone: what is held open for that is closed. */
  async add(live: LiveEnvironment): Promise<void> {
    // Not one that is still being looked for: that is this one.
    const earlier = await Promise.race([this.#known.get(live.id), undefined]);
    void this.#keep(live.id, Promise.resolve(live));
    await earlier?.close({ isGone: true });
  }

  /** The one with this id. All who ask at one time share a look; giving up does not end it. Errors: those of the look, `RECAC_ABORTED`. */
  find(id: string, signal: AbortSignal | undefined): Promise<LiveEnvironment> {
    return orAborted(this.#known.get(id) ?? this.#keep(id, this.#look(id)), signal, 'the call');
  }

  /** The one with this id where it is known, or being looked for. Never rejects. */
  async known(id: string): Promise<LiveEnvironment | undefined> {
    return this.#known.get(id)?.catch(() => undefined);
  }

  /** Does something in one, and forgets it when it turns out to be gone: not another one that has its id by then. */
  async use<T>(live: LiveEnvironment, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const isGone = RecacError.isInstance(error) && error.code === 'RECAC_ENVIRONMENT_NOT_FOUND';
      if (isGone && (await this.known(live.id)) === live) await this.forget(live.id);
      throw error;
    }
  }

  /** Closes what is held open for one that is gone. */
  async forget(id: string): Promise<void> {
    const known = this.known(id);
    this.#known.delete(id);
    await (await known)?.close({ isGone: true });
  }

  /** Closes what is held open for all of them. They go on. */
  async close(): Promise<void> {
    const all = await Promise.all([...this.#known.keys()].map((id) => this.known(id)));
    await Promise.all(all.map((live) => live?.close()));
  }

  #keep(id: string, opening: Promise<LiveEnvironment>): Promise<LiveEnvironment> {
    this.#known.set(id, opening);
    const drop = (): void => {
      if (this.#known.get(id) === opening) this.#known.delete(id);
    };
    // Its lines are dead already, and commands that still follow them find out themselves what became of it.
    opening.then((live) => live.onGone(drop), drop);
    return opening;
  }
}
