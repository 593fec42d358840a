import { posix } from 'node:path';

/** One line of a `.dockerignore`. */
export interface IgnorePattern {
  /** The line takes files back in: it began with `!`. */
  readonly includes: boolean;
  /** The pattern, cleaned, without the `!`. */
  readonly text: string;
  /** Whether a path, relative to the context, fits; of a directory what is in it fits too. */
  readonly matches: (path: string) => boolean;
}

/** Reads one line; gives undefined for one that says nothing. Throws an `Error` for a pattern that means nothing. */
export function parseIgnorePattern(line: string): IgnorePattern | undefined {
  if (line.startsWith('#')) return undefined;
  const trimmed = line.trim();
  if (trimmed === '') return undefined;
  const includes = trimmed.startsWith('!');
  const written = includes ? trimmed.slice(1).trim() : trimmed;
  if (written === '') throw new Error('"!" needs a pattern after it');
  const cleaned = posix.normalize(written).replace(/(?<=.)\/+$/, '');
  const text = cleaned.length > 1 ? cleaned.replace(/^\//, '') : cleaned;
  const matchesOne = toMatcher(text);
  return { includes, text, matches: (path) => withParents(path).some(matchesOne) };
}

function withParents(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** By the rules of moby's patternmatcher: a pattern without wildcards is a path, `**` at one end is a prefix or suffix, the rest is a regular expression. */
function toMatcher(text: string): (path: string) => boolean {
  if (!/[*?[\]\\]/.test(text)) return (path) => path === text;
  if (/^[^*?[\]\\]*\*\*$/.test(text)) {
    const prefix = text.slice(0, -2);
    return (path) => path.startsWith(prefix);
  }
  if (/^\*\*[^*?[\]\\]*$/.test(text)) {
    const suffix = text.slice(2);
    return (path) => path.endsWith(suffix) || (suffix.startsWith('/') && path === suffix.slice(1));
  }
  const expression = new RegExp(`^${toExpression(text)}$`, 'su');
  return (path) => expression.test(path);
}

function toExpression(text: string): string {
  const tokens = /(\*\*\/?)|(\*)|(\?)|(\\.)|(\[\^?(?:\\.|[^\]\\])+\])|(.)/gsu;
  let expression = '';
  for (const match of text.matchAll(tokens)) {
    const [token, stars, star, question, escaped, range] = match;
    if (stars !== undefined) expression += match.index + token.length === text.length ? '.*' : '(?:.*/)?';
    else if (star !== undefined) expression += '[^/]*';
    else if (question !== undefined) expression += '[^/]';
    else if (escaped !== undefined) expression += quote(escaped.slice(1));
    else if (range !== undefined) expression += toClass(range);
    else if (token === '[') throw new Error('a "[" without its "]"');
    else expression += quote(token);
  }
  return expression;
}

function toClass(range: string): string {
  const negated = range.startsWith('[^');
  const inner = range.slice(negated ? 2 : 1, -1).replace(/\\?./gsu, (part) => {
    if (part === '-') return '-';
    return part.startsWith('\\') ? `\\${part.slice(1)}`.replace(/\\([^\\\]^-])/u, '$1') : quote(part);
  });
  return `[${negated ? '^' : ''}${inner}]`;
}

function quote(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}
