import { toBytePath } from '../byte-path.ts';
import { stagePrefix } from '../stage-prefix.ts';
import { type IgnorePattern, matchesPattern, parseIgnorePattern } from './ignore-pattern.ts';

/** What a workspace leaves out when it is carried. */
export interface IgnoreChoice {
  /** Patterns, as lines of a `.recacignore`, that count after every file. Default: none. */
  readonly exclude?: readonly string[];
  /** Paths that are carried whatever an ignore file says, such as `.env`; of a directory, all that is in it. Default: none. */
  readonly include?: readonly string[];
}

/** Name of our own ignore file. */
export const ignoreFileName = '.recacignore';

interface Group {
  readonly depth: number;
  readonly directory: string;
  /** Steps from an ignore file above the workspace down to it. */
  readonly outer: readonly string[];
  readonly patterns: readonly IgnorePattern[];
}

/**
 * The ignore rules of one workspace, gathered while the host's tree is walked; they count on both sides, and an ignore file that only the environment has
 * counts nowhere. As in git, the last line that fits decides, a deeper file wins, and nothing in an ignored directory comes back by `!`.
 */
export class IgnoreRules {
  readonly #groups: Group[] = [];
  readonly #last: Group;
  readonly #include: ReadonlySet<string>;
  readonly #directories = new Map<string, boolean>();

  constructor({ exclude = [], include = [] }: IgnoreChoice = {}) {
    this.#last = { depth: 0, directory: '', outer: [], patterns: parseLines(exclude.map(toBytePath)) };
    this.#include = new Set(include.map((path) => toBytePath(path).replace(/^(\.\/)+|\/+$/g, '')));
  }

  /** Adds an ignore file of a directory (`''`: the workspace). Its text is bytes, one character each. */
  add(directory: string, text: string): void {
    const depth = directory === '' ? 0 : directory.split('/').length;
    this.#addGroup({ depth, directory, outer: [] }, text);
  }

  /** Adds an ignore file from above the workspace, before those in it. `below`: the way from it to the workspace. Both are bytes, one character each. */
  addOuter(below: string, text: string): void {
    this.#addGroup({ depth: 0, directory: '', outer: below === '' ? [] : below.split('/') }, text);
  }

  /** Whether the path is left out, itself or with a directory above it. */
  ignores(path: string, isDirectory: boolean): boolean {
    if (this.#include.size > 0 && this.#isIncluded(path)) return false;
    const slash = path.lastIndexOf('/');
    if (slash !== -1 && this.#ignoresDirectory(path.slice(0, slash))) return true;
    return isDirectory ? this.#ignoresDirectory(path) : this.#decide(path, false);
  }

  /** Whether something in an ignored directory is carried all the same. */
  mayHoldIncluded(directory: string): boolean {
    const prefix = `${directory}/`;
    for (const path of this.#include) if (path.startsWith(prefix)) return true;
    return false;
  }

  #addGroup(place: Omit<Group, 'patterns'>, text: string): void {
    const patterns = parseLines(text.replace(/^\xEF\xBB\xBF/, '').split('\n'));
    if (patterns.length > 0) this.#groups.push({ ...place, patterns });
  }

  #isIncluded(path: string): boolean {
    for (let end = path.length; end !== -1; end = path.lastIndexOf('/', end - 1))
      if (this.#include.has(path.slice(0, end))) return true;
    return false;
  }

  #ignoresDirectory(path: string): boolean {
    let answer = this.#directories.get(path);
    if (answer === undefined) {
      const slash = path.lastIndexOf('/');
      answer = (slash !== -1 && this.#ignoresDirectory(path.slice(0, slash))) || this.#decide(path, true);
      this.#directories.set(path, answer);
    }
    return answer;
  }

  #decide(path: string, isDirectory: boolean): boolean {
    const steps = path.split('/');
    const name = steps.at(-1) ?? '';
    if (name === '.git' || name.startsWith(stagePrefix)) return true;
    let ignored = false;
    for (const group of [...this.#groups, this.#last]) {
      if (group.directory !== '' && !path.startsWith(`${group.directory}/`)) continue;
      const below = group.outer.length === 0 ? steps.slice(group.depth) : [...group.outer, ...steps];
      for (const pattern of group.patterns)
        if (pattern.includes === ignored && matchesPattern(pattern, below, isDirectory)) ignored = !pattern.includes;
    }
    return ignored;
  }
}

function parseLines(lines: readonly string[]): readonly IgnorePattern[] {
  return lines.map(parseIgnorePattern).filter((pattern) => pattern !== undefined);
}
