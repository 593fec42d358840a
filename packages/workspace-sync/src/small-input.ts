/** What a script of ours reads. */
export type ScriptInput =
  /** Little enough to stand in the command itself. */
  | { readonly type: 'inline'; readonly bytes: Buffer }
  /** Anything else. */
  | { readonly type: 'stream'; readonly pieces: AsyncIterable<Uint8Array> };

/** An argument may have 131 071 bytes (Linux MAX_ARG_STRLEN), and base64 makes four of three. */
const inlineBytes = 90_000;

/** How a script says that it cannot take an inline input, for want of `base64`. */
export const noBase64Exit = 48;

/**
 * POSIX sh: defines `input`, which runs a command with what the script reads as its stdin. Parameters of it: the inline input in base64, or `-` for stdin; the command.
 * Feeding stdin costs a process of its own in the environment, 55 ms on Docker; a command that brings its input along costs nothing more.
 */
export const inputFunction = `
[ "$1" = - ] || command -v base64 >/dev/null 2>&1 || exit ${noBase64Exit}
input() {
  _input=$1
  shift
  if [ "$_input" = - ]; then "$@"; else printf '%s' "$_input" | base64 -d | "$@"; fi
}
`;

/** Looks how much there is to read, without reading more than is needed for that. */
export async function toScriptInput(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<ScriptInput> {
  const pieces = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const first: Uint8Array[] = [];
  for (let length = 0; length <= inlineBytes; ) {
    const next = await pieces.next();
    if (next.done) return { type: 'inline', bytes: Buffer.concat(first) };
    // A source may use its buffer again for the next piece.
    first.push(Uint8Array.from(next.value));
    length += next.value.length;
  }
  return { type: 'stream', pieces: join(first, pieces) };
}

/** The inline input as the argument of {@link inputFunction}. */
export function toInputArgument(input: ScriptInput): string {
  return input.type === 'inline' ? input.bytes.toString('base64') : '-';
}

/** An inline input as a stream, for where there is no `base64`. */
export function toStream({ bytes }: Extract<ScriptInput, { readonly type: 'inline' }>): ScriptInput {
  return { type: 'stream', pieces: once(bytes) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

async function* join(
  first: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array> | Iterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
