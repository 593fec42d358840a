import { Buffer } from 'node:buffer';

const mask = Buffer.from('[redacted]');
const shortestSecret = 4;

/** The forms in which a secret value turns up in output: as it is, base64 and URL-encoded. */
function toForms(secret: string): readonly Buffer[] {
  const plain = Buffer.from(secret, 'utf8');
  const forms = [
    secret,
    plain.toString('base64'),
    plain.toString('base64url'),
    encodeURIComponent(secret.toWellFormed()),
  ];
  return [...new Set(forms)].map((form) => Buffer.from(form, 'utf8'));
}

/**
 * Replaces known secret values in a stream of bytes, also where a value is split across pieces. It holds back at most one
 * byte less than the longest form, until more bytes or the end decide. Values shorter than 4 bytes are left alone:
 * replacing them would destroy more than it hides.
 */
export class Redactor {
  readonly #forms: readonly Buffer[];
  readonly #longest: number;
  #held: Buffer = Buffer.alloc(0);

  /** `secrets`: the values to hide. */
  constructor(secrets: readonly string[]) {
    const long = secrets.filter((secret) => Buffer.byteLength(secret) >= shortestSecret);
    this.#forms = long.flatMap(toForms).sort((one, other) => other.length - one.length);
    this.#longest = this.#forms[0]?.length ?? 0;
  }

  /** The bytes that are safe to show now. */
  push(chunk: Uint8Array): Uint8Array {
    if (this.#longest === 0) return chunk;
    const bytes = Buffer.concat([this.#held, chunk]);
    const shown: Buffer[] = [];
    let at = 0;
    for (;;) {
      const found = this.#next(bytes, at);
      // A longer value that begins before it, or with it, may still be coming.
      if (!found || this.#undecided(bytes, at) >= bytes.length - found.at) break;
      shown.push(bytes.subarray(at, found.at), mask);
      at = found.at + found.length;
    }
    const safe = Math.max(at, bytes.length - this.#undecided(bytes, at));
    shown.push(bytes.subarray(at, safe));
    this.#held = Buffer.from(bytes.subarray(safe));
    return Buffer.concat(shown);
  }

  /** What was held back, at the end of the stream. */
  end(): Uint8Array {
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    const shown: Buffer[] = [];
    let at = 0;
    for (let found = this.#next(held, at); found; found = this.#next(held, at)) {
      shown.push(held.subarray(at, found.at), mask);
      at = found.at + found.length;
    }
    return Buffer.concat([...shown, held.subarray(at)]);
  }

  #next(bytes: Buffer, from: number): { readonly at: number; readonly length: number } | undefined {
    let best: { at: number; length: number } | undefined;
    for (const form of this.#forms) {
      const at = bytes.indexOf(form, from);
      if (at >= 0 && (!best || at < best.at)) best = { at, length: form.length };
    }
    return best;
  }

  /** A longer secret may begin with these bytes, the last ones so far. */
  #mayGrow(tail: Buffer): boolean {
    return this.#forms.some((form) => form.length > tail.length && form.subarray(0, tail.length).equals(tail));
  }

  /** Length of the longest tail that could be the beginning of a secret. */
  #undecided(bytes: Buffer, from: number): number {
    const most = Math.min(this.#longest - 1, bytes.length - from);
    for (let length = most; length > 0; length -= 1) {
      if (this.#mayGrow(bytes.subarray(bytes.length - length))) return length;
    }
    return 0;
  }
}
