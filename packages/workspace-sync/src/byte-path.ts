/** A path, or another text, as bytes, one character each (latin1), as manifests, patterns and archives have it. */
export function toBytePath(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** The text of a path that is bytes, one character each, for people and for JSON. */
export function toPathText(path: string): string {
  return Buffer.from(path, 'latin1').toString();
}
