/** Bytes that are sent at once. */
const pieceBytes = 65_536;

/** Paths as a program in the workspace reads them: none looks like an option, each is ended by NUL. */
export function toPathList(paths: Iterable<string>): Generator<Uint8Array, void, undefined> {
  return gatherText(paths, (path) => `./${path}\0`);
}

/** What many things are in text, one byte per character (latin1), in pieces that are worth being sent. */
export function* gatherText<T>(
  things: Iterable<T>,
  toText: (thing: T) => string,
): Generator<Uint8Array, void, undefined> {
  let text = '';
  for (const thing of things) {
    text += toText(thing);
    if (text.length < pieceBytes) continue;
    yield Buffer.from(text, 'latin1');
    text = '';
  }
  if (text !== '') yield Buffer.from(text, 'latin1');
}
