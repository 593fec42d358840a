/** Bytes of paths that are sent at once. */
const pieceBytes = 65_536;

/** Paths as a program in the workspace reads them: none looks like an option, each is ended by NUL. */
export function* toPathList(paths: Iterable<string>): Generator<Uint8Array, void, undefined> {
  let text = '';
  for (const path of paths) {
    text += `./${path}\0`;
    if (text.length < pieceBytes) continue;
    yield Buffer.from(text, 'latin1');
    text = '';
  }
  if (text !== '') yield Buffer.from(text, 'latin1');
}
