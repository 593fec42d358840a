const dangerous = /[\p{Cc}\p{Cs}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/**
 * Text from an environment, a file or an error, made harmless for a terminal: control characters (C0, DEL, C1), bidirectional and invisible
 * formatting and lone surrogates become visible escapes such as `\x1b` or `\u202e`; so it is always one line.
 */
export function escapeText(text: string): string {
  return text.replace(dangerous, toEscape);
}

function toEscape(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  if (character === '\r') return '\\r';
  const code = character.charCodeAt(0);
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
