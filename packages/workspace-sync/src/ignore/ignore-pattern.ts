/** One line of an ignore file, in the words of gitignore(5). */
export interface IgnorePattern {
  /** The line takes files back in: it began with `!`. */
  readonly includes: boolean;
  /** Only directories fit: it ended with `/`. */
  readonly directoriesOnly: boolean;
  /** The path is meant from the ignore file's directory on, not a name anywhere below: a `/` stood in it. */
  readonly anchored: boolean;
  /** Its steps; `**` is any number of steps. */
  readonly steps: readonly string[];
}

/** Reads one line; gives undefined for one that says nothing. A pattern that means nothing, such as `[`, fits nothing, as in git. */
export function parseIgnorePattern(line: string): IgnorePattern | undefined {
  const text = trimEnd(line);
  if (text === '' || text.startsWith('#')) return undefined;
  const includes = text.startsWith('!');
  const pattern = includes ? text.slice(1) : text.replace(/^\\(?=[!#])/, '');
  const directoriesOnly = pattern.endsWith('/');
  const steps = pattern.split('/').filter((step) => step !== '');
  if (steps.length === 0) return undefined;
  const anchored = pattern.replace(/\/$/, '').includes('/');
  return { includes, directoriesOnly, anchored, steps };
}

/** Whether a path, as steps from the ignore file's directory, fits the pattern itself; what lies in a directory that fits is the caller's to know. */
export function matchesPattern(
  { anchored, directoriesOnly, steps }: IgnorePattern,
  path: readonly string[],
  isDirectory: boolean,
): boolean {
  if (directoriesOnly && !isDirectory) return false;
  if (!anchored) return matchesStep(steps[0] ?? '', path.at(-1) ?? '');
  return matchesSteps(steps, path);
}

/** Steps with `**` by the two-pointer way: never more than pattern times path. */
function matchesSteps(pattern: readonly string[], path: readonly string[]): boolean {
  return matchesSequence({
    patternLength: pattern.length,
    textLength: path.length,
    isStar: (at) => pattern[at] === '**',
    fits: (at, textAt) => matchesStep(pattern[at] ?? '', path[textAt] ?? ''),
    // `a/**` means what is in `a`, not `a`.
    mayEnd: (textAt) => pattern.at(-1) !== '**' || textAt < path.length,
  });
}

interface Sequence {
  readonly patternLength: number;
  readonly textLength: number;
  readonly isStar: (at: number) => boolean;
  readonly fits: (at: number, textAt: number) => boolean;
  readonly mayEnd: (textAt: number) => boolean;
}

function matchesSequence({ patternLength, textLength, isStar, fits, mayEnd }: Sequence): boolean {
  let at = 0;
  let textAt = 0;
  let star = -1;
  let resume = 0;
  while (textAt < textLength) {
    if (at < patternLength && isStar(at)) {
      star = at;
      at += 1;
      resume = textAt;
    } else if (at < patternLength && fits(at, textAt)) {
      at += 1;
      textAt += 1;
    } else if (star >= 0) {
      resume += 1;
      textAt = resume;
      at = star + 1;
    } else return false;
  }
  const isAtEnd = at < patternLength && !mayEnd(textAt);
  while (at < patternLength && isStar(at)) at += 1;
  return at === patternLength && !isAtEnd;
}

/** One step with `*`, `?`, `[…]` and `\`, by the same way: no pattern takes exponential time. */
function matchesStep(pattern: string, name: string): boolean {
  const parts = toParts(pattern);
  if (parts === undefined) return false;
  return matchesSequence({
    patternLength: parts.length,
    textLength: name.length,
    isStar: (at) => parts[at] === 'star',
    fits: (at, textAt) => {
      const part = parts[at];
      return typeof part === 'function' && part(name.charCodeAt(textAt));
    },
    mayEnd: () => true,
  });
}

type Part = 'star' | ((code: number) => boolean);

const known = new Map<string, readonly Part[] | undefined>();

function toParts(pattern: string): readonly Part[] | undefined {
  if (!known.has(pattern)) {
    if (known.size > 10_000) known.clear();
    known.set(pattern, readParts(pattern));
  }
  return known.get(pattern);
}

function readParts(pattern: string): readonly Part[] | undefined {
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at];
    if (character === '*') {
      if (parts.at(-1) !== 'star') parts.push('star');
    } else if (character === '?') {
      parts.push(() => true);
    } else if (character === '[') {
      const end = pattern.indexOf(']', at + (/^\[[!^]/.test(pattern.slice(at)) ? 3 : 2));
      if (end === -1) return undefined;
      parts.push(toClass(pattern.slice(at + 1, end)));
      at = end;
    } else {
      if (character === '\\') at += 1;
      if (at >= pattern.length) return undefined;
      const code = pattern.charCodeAt(at);
      parts.push((other) => other === code);
    }
  }
  return parts;
}

function toClass(inner: string): (code: number) => boolean {
  const negated = /^[!^]/.test(inner);
  const ranges: (readonly [number, number])[] = [];
  for (const [, from = '', to = from] of inner
    .slice(negated ? 1 : 0)
    .replaceAll('\\', '')
    .matchAll(/(.)(?:-(.))?/gsu))
    ranges.push([from.charCodeAt(0), to.charCodeAt(0)]);
  return (code) => ranges.some(([from, to]) => code >= from && code <= to) !== negated;
}

function trimEnd(line: string): string {
  return line.replace(/\r$/, '').replace(/(?<!\\)[ \t]+$/, '');
}
