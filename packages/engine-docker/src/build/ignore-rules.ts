import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { invalidArgument } from '@recac/engine-core';
import { type IgnorePattern, parseIgnorePattern } from './ignore-pattern.ts';

/** What a build context leaves out. The last pattern that fits a path decides. */
export class IgnoreRules {
  readonly #patterns: readonly IgnorePattern[];
  readonly #always: ReadonlySet<string>;

  /** `text`: a `.dockerignore`. `always`: paths that are sent in any case. Throws an `Error` for a pattern that means nothing. */
  constructor(text: string, always: readonly string[] = []) {
    this.#patterns = text
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)
      .map(parseIgnorePattern)
      .filter((pattern) => pattern !== undefined);
    this.#always = new Set(always);
  }

  /** Whether the file or directory at this path, relative to the context, with `/` between its parts, is left out. */
  ignores(path: string): boolean {
    if (this.#always.has(path)) return false;
    let ignored = false;
    for (const { includes, matches } of this.#patterns) if (includes === ignored && matches(path)) ignored = !includes;
    return ignored;
  }

  /** Whether something in an ignored directory may be sent all the same. As in Docker, only patterns that begin with the directory's path count. */
  mayHoldIncluded(directory: string): boolean {
    const prefix = `${directory}/`;
    for (const path of this.#always) if (path.startsWith(prefix)) return true;
    return this.#patterns.some(({ includes, text }) => includes && `${text}/`.startsWith(prefix));
  }
}

/** Reads the rules for a Dockerfile: its own `<Dockerfile>.dockerignore` where there is one, else the context's `.dockerignore`. */
export async function readIgnoreRules(context: string, dockerfile: string): Promise<IgnoreRules> {
  for (const name of [`${dockerfile}.dockerignore`, '.dockerignore']) {
    const text = await readFile(join(context, name), 'utf8').catch((error: { readonly code?: string }) => {
      if (error.code === 'ENOENT') return undefined;
      throw invalidArgument('context', `has a ${name} that cannot be read (${error.code})`, 'Correct or remove it.');
    });
    if (text === undefined) continue;
    try {
      return new IgnoreRules(text, [dockerfile, '.dockerignore']);
    } catch (error) {
      throw invalidArgument(
        'context',
        `has a pattern in ${name} that means nothing: ${(error as Error).message}`,
        'Correct it.',
      );
    }
  }
  return new IgnoreRules('');
}
