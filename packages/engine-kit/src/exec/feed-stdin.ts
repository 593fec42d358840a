import type { ExecHandle, ExecOptions } from '@recac/engine-core';

/** Sends the whole stdin of a command, then its end. Stops early, without an error, when the command has ended. */
export async function feedStdin(handle: ExecHandle, stdin: NonNullable<ExecOptions['stdin']>): Promise<void> {
  if (typeof stdin === 'string' || stdin instanceof Uint8Array) {
    await handle.write(stdin);
    return handle.end();
  }
  const chunks = stdin[Symbol.asyncIterator]();
  const end = new EndOfCommand(handle);
  let previous: Promise<void> = Promise.resolve();
  for (;;) {
    const next = await end.or(chunks.next());
    if (next === undefined) {
      void Promise.resolve(chunks.return?.()).catch(() => {});
      return;
    }
    if (next.done) {
      await previous;
      return handle.end();
    }
    // One piece is on its way while the next is made; a copy, since a source may use its buffer again.
    const writing = handle.write(Uint8Array.from(next.value));
    writing.catch(() => {});
    await previous;
    previous = writing;
  }
}

/** Waits for something or for the end of a command, whichever is first. `Promise.race` with the end would keep everything that ever came first until that end. */
class EndOfCommand {
  #isOver = false;
  #onOver: () => void = () => {};

  constructor(handle: ExecHandle) {
    const over = (): void => {
      this.#isOver = true;
      this.#onOver();
    };
    handle.wait().then(over, over);
  }

  /** What was waited for; undefined: the command has ended. */
  async or<T>(work: Promise<T>): Promise<T | undefined> {
    if (this.#isOver) {
      work.catch(() => {});
      return undefined;
    }
    try {
      return await new Promise<T | undefined>((resolve, reject) => {
        this.#onOver = () => resolve(undefined);
        work.then(resolve, reject);
      });
    } finally {
      this.#onOver = () => {};
    }
  }
}
