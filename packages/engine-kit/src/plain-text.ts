/** Text of somebody else's, fit for a message: one line, no control characters, no user name or password in an address, its end cut off beyond `longest` characters. */
export function toPlainText(text: string, secrets: readonly string[] = [], longest = 600): string {
  let plain = text;
  for (const secret of secrets) if (secret !== '') plain = plain.replaceAll(secret, '[redacted]');
  plain = plain
    .replace(/(\w+:\/\/)[^/\s@"']+@/g, '$1')
    .replace(/\s+/g, ' ')
    .replace(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
    .trim();
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain;
}
