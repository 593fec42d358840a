import { RecacError } from '@recac/engine-core';

/** Longest line or name. */
const maximumNameBytes = 1_048_576;

/** All of them together. */
const maximumHeadBytes = 64 * 1_048_576;

/** Reads lines and names from the beginning of a stream, as bytes, one character each, and gives the rest as it is. Errors: `RECAC_WORKSPACE_GIT_FAILED` where there is no end to them, or nothing comes for too long. */
export class HeadReader {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #silenceMs: number;
  #buffer = '';
  #headBytes = 0;
  /** How many bytes of the rest were given. */
  restBytes = 0;
  /** The stream has ended by itself. */
  isAtEnd = false;

  constructor(source: AsyncIterable<Uint8Array>, silenceMs: number) {
    this.#source = source[Symbol.asyncIterator]();
    this.#silenceMs = silenceMs;
  }

  /** The text before an end mark. */
  async readUntil(end: string): Promise<string> {
    for (let from = 0; ; ) {
      const at = this.#buffer.indexOf(end, from);
      if (at !== -1) {
        const text = this.#buffer.slice(0, at);
        this.#buffer = this.#buffer.slice(at + 1);
        this.#headBytes += at + 1;
        return text;
      }
      from = this.#buffer.length;
      const piece = await this.#next();
      if (piece === undefined || from > maximumNameBytes || this.#headBytes > maximumHeadBytes)
        throw failed('the environment sent no work');
      this.#buffer += Buffer.from(piece).toString('latin1');
    }
  }

  /** Names that end with NUL, up to an empty one; those beyond a number are not kept. */
  async readNames(most: number): Promise<readonly string[]> {
    const names: string[] = [];
    for (let name = await this.readUntil('\0'); name !== ''; name = await this.readUntil('\0'))
      if (names.length < most) names.push(name);
    return names;
  }

  /** Everything that follows. */
  async *rest(): AsyncGenerator<Uint8Array, void, undefined> {
    this.restBytes = this.#buffer.length;
    if (this.#buffer !== '') yield Buffer.from(this.#buffer, 'latin1');
    for (let piece = await this.#next(); piece !== undefined; piece = await this.#next()) {
      this.restBytes += piece.length;
      yield piece;
    }
  }

  /** Gives the stream up: whoever writes to it must not wait for us. */
  async cancel(): Promise<void> {
    await this.#source.return?.();
  }

  async #next(): Promise<Uint8Array | undefined> {
    const silence = Promise.withResolvers<never>();
    const minutes = Math.round(this.#silenceMs / 60_000);
    const timer = setTimeout(
      () => silence.reject(failed(`the environment sent nothing of its work for ${minutes} minutes`)),
      this.#silenceMs,
    );
    try {
      const next = await Promise.race([this.#source.next(), silence.promise]);
      this.isAtEnd = next.done === true;
      return next.done ? undefined : next.value;
    } finally {
      clearTimeout(timer);
    }
  }
}

function failed(what: string): RecacError {
  return new RecacError('RECAC_WORKSPACE_GIT_FAILED', `${what}. Look at it with recac shell.`);
}
