import { isUint8Array } from 'node:util/types';
import type { ExecHandle, ExecOptions } from '@recac/engine-core';
import { toStdinBytes } from './stdin-bytes.ts';

/** Bytes that may be on their way while the next piece is made. */
const aheadBytes = 4_194_304;

/**
 * Sends the whole stdin of a command, then its end. Stops early, without an error, when the command has ended. A source that is not read to its end is left. Errors: that of the
 * source, that of the first piece that could not be written, and `RECAC_INVALID_ARGUMENT` for a piece that is neither text nor bytes.
 */
export async function feedStdin(handle: ExecHandle, stdin: NonNullable<ExecOptions['stdin']>): Promise<void> {
  if (typeof stdin === 'string' || isUint8Array(stdin)) {
    await handle.write(stdin);
    return handle.end();
  }
  const chunks = stdin[Symbol.asyncIterator]();
  try {
    await feedChunks(handle, chunks);
  } finally {
    void Promise.resolve(chunks.return?.()).catch(() => {});
  }
}

async function feedChunks(handle: ExecHandle, chunks: AsyncIterator<unknown>): Promise<void> {
  const end = new EndOfCommand(handle);
  const onTheirWay: { readonly length: number; readonly taken: Promise<void> }[] = [];
  let ahead = 0;
  const awaitOldest = async (): Promise<void> => {
    const oldest = onTheirWay.shift();
    await oldest?.taken;
    ahead -= oldest?.length ?? 0;
  };
  for (;;) {
    const next = await end.or(chunks.next());
    if (next === undefined) {
      if (end.failure !== undefined) throw end.failure;
      return;
    }
    if (next.done) {
      while (onTheirWay.length > 0) await awaitOldest();
      return handle.end();
    }
    // Some pieces are on their way while the next is made; copies, since a source may use its buffer again.
    const piece = new Uint8Array(toStdinBytes(next.value));
    const taken = handle.write(piece);
    taken.catch((error: unknown) => end.fail(error));
    onTheirWay.push({ length: piece.length, taken });
    ahead += piece.length;
    while (ahead > aheadBytes) await awaitOldest();
  }
}

/** Waits for something or for the end of a command, or of its stdin, whichever is first. `Promise.race` with the end would keep everything that ever came first until that end. */
class EndOfCommand {
  #isOver = false;
  #onOver: () => void = () => {};
  /** Why the command can be fed no more, when it has not ended. */
  failure: unknown;

  constructor(handle: ExecHandle) {
    const over = (): void => this.#end();
    handle.wait().then(over, over);
  }

  /** The command can be fed no more. */
  fail(error: unknown): void {
    this.failure ??= error;
    this.#end();
  }

  #end(): void {
    this.#isOver = true;
    this.#onOver();
  }

  /** What was waited for; undefined: the command has ended, or can be fed no more. */
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
