import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { toBytePath } from '../byte-path.ts';
import { IgnoreRules } from './ignore-rules.ts';

/** An ignore file that lies above a directory and counts in it. */
export interface OuterIgnoreFile {
  /** The way from where the file counts to the directory, as bytes, one character each; empty where it counts in the directory itself. */
  readonly below: string;
  /** Its text, as bytes, one character each. */
  readonly text: string;
}

/**
 * What a repository above a directory ignores in it, as git does: its own `info/exclude` first, then ignore files from its top down. Nothing where the repository ignores the
 * directory itself, which is then no part of it, or is the home directory or above it.
 */
export function readOuterIgnoreFiles(directory: string, names: readonly string[]): readonly OuterIgnoreFile[] {
  const top = findTop(directory);
  if (top === undefined) return [];
  const files: OuterIgnoreFile[] = [];
  const rules = new IgnoreRules();
  const add = (place: string, file: string): void => {
    const text = read(file);
    if (text === undefined) return;
    files.push({ below: toBytePath(relative(place, directory)), text });
    rules.add(toBytePath(relative(top, place)), text);
  };
  add(top, join(findCommonDirectory(top), 'info/exclude'));
  for (const place of listBetween(top, directory)) for (const name of names) add(place, join(place, name));
  const isIgnored = directory !== top && rules.ignores(toBytePath(relative(top, directory)), true);
  return isIgnored ? [] : files;
}

function findTop(directory: string): string | undefined {
  const home = homedir();
  for (let place = directory; ; place = dirname(place)) {
    if (place === home || home.startsWith(place === sep ? sep : `${place}${sep}`)) return undefined;
    if (existsSync(join(place, '.git'))) return place;
    if (place === dirname(place)) return undefined;
  }
}

/** The directories from the top of a repository to the one above a directory. */
function listBetween(top: string, directory: string): readonly string[] {
  const found: string[] = [];
  for (let place = directory; place !== top; ) {
    place = dirname(place);
    found.unshift(place);
  }
  return found;
}

/** Where a repository keeps what all its working trees share; a `.git` that is a file names another directory (gitrepository-layout). */
function findCommonDirectory(top: string): string {
  const git = join(top, '.git');
  if (statSync(git).isDirectory()) return git;
  const own = resolve(top, (read(git) ?? '').replace(/^gitdir: /, '').trim());
  return resolve(own, (read(join(own, 'commondir')) ?? '.').trim());
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}
