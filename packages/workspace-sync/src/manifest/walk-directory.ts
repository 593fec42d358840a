import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { type IgnoreChoice, IgnoreRules, ignoreFileName } from '../ignore/ignore-rules.ts';
import { readOuterIgnoreFiles } from '../ignore/outer-ignore-files.ts';
import { Manifest } from './manifest.ts';
import type { ManifestEntry } from './manifest-entry.ts';
import { scanPath, toPathBytes, unreadable } from './scan-path.ts';

/** How to look at a directory. */
export interface WalkOptions extends IgnoreChoice {
  /** Names of ignore files that count, in this order; with `.gitignore` those above the directory too, up to the top of its repository, and that one's `info/exclude`. Default: `.recacignore`. */
  readonly ignoreFiles?: readonly string[];
}

/** Told of a path and what is there. */
export type Visit = (path: string, entry: ManifestEntry) => void;

/**
 * Walks a directory of this machine, directories before what is in them, without going through links or into other things than directories, and tells of everything that is
 * carried. Gives the rules that it found. The walk is synchronous: for 10 000 files that takes 70 ms where promises take 200 (`performance.md` 1.3).
 * Errors: `RECAC_WORKSPACE_UNAVAILABLE` for what cannot be read.
 */
export function walkDirectory(directory: string, options: WalkOptions, visit: Visit): IgnoreRules {
  const rules = new IgnoreRules(options);
  const { ignoreFiles = [ignoreFileName] } = options;
  if (ignoreFiles.includes('.gitignore'))
    for (const { below, text } of readOuterIgnoreFiles(directory, ignoreFiles)) rules.addOuter(below, text);
  const root = Buffer.from(directory).toString('latin1');
  const walk = (path: string): void => {
    const full = path === '' ? root : `${root}/${path}`;
    const names = readNames(full);
    for (const name of ignoreFiles) if (names.includes(name)) rules.add(path, readText(`${full}/${name}`));
    for (const name of names) {
      const child = path === '' ? name : `${path}/${name}`;
      const entry = scanPath(`${root}/${child}`);
      if (entry === undefined) continue;
      const isDirectory = entry.type === 'directory';
      const isIgnored = rules.ignores(child, isDirectory);
      if (isIgnored && !(isDirectory && rules.mayHoldIncluded(child))) continue;
      if (!isIgnored) visit(child, entry);
      if (isDirectory) walk(child);
    }
  };
  walk('');
  return rules;
}

/** Which paths to look at. */
export interface PathSelection {
  /** The paths; of directories all that is below. */
  readonly paths: readonly string[];
  /** Rules of the last look at everything. */
  readonly rules: IgnoreRules;
  /** What was there then. */
  readonly before: Manifest;
}

/** What is at some paths of a directory, and below them, and what was there before. Errors: as {@link walkDirectory}. */
export function walkPaths(
  directory: string,
  { paths, rules, before }: PathSelection,
): { readonly before: Manifest; readonly here: Manifest } {
  const root = Buffer.from(directory).toString('latin1');
  const here = new Manifest(before.table);
  const was = new Manifest(before.table);
  const directories = new Set<string>();
  const reachable = new Map<string, boolean>([['', true]]);
  /** Nothing is looked at through a link. */
  const isReachable = (parent: string): boolean => {
    let answer = reachable.get(parent);
    if (answer === undefined) {
      answer = isReachable(parentOf(parent)) && scanPath(`${root}/${parent}`)?.type === 'directory';
      reachable.set(parent, answer);
    }
    return answer;
  };
  const walk = (path: string): void => {
    if (here.has(path)) return;
    const entry = scanPath(`${root}/${path}`);
    if (entry === undefined) return;
    const isDirectory = entry.type === 'directory';
    const isIgnored = rules.ignores(path, isDirectory);
    if (!isIgnored) here.set(path, entry);
    if (isDirectory && (!isIgnored || rules.mayHoldIncluded(path)))
      for (const name of readNames(`${root}/${path}`)) walk(`${path}/${name}`);
  };
  for (const path of paths) {
    const entry = before.get(path);
    if (entry !== undefined) was.set(path, entry);
    if (entry?.type === 'directory') directories.add(path);
    if (isReachable(parentOf(path))) walk(topOfNew(path, before));
  }
  if (directories.size > 0) for (const [path, entry] of before) if (isBelow(path, directories)) was.set(path, entry);
  return { before: was, here };
}

/** The path, or the highest directory above it that was not there. */
function topOfNew(path: string, before: Manifest): string {
  const parent = parentOf(path);
  return parent === '' || before.has(parent) ? path : topOfNew(parent, before);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function isBelow(path: string, directories: ReadonlySet<string>): boolean {
  for (let end = path.lastIndexOf('/'); end !== -1; end = path.lastIndexOf('/', end - 1))
    if (directories.has(path.slice(0, end))) return true;
  return false;
}

/** Names as bytes, one character each: a `Buffer` for each would take ten times as much. */
function readNames(path: string): readonly string[] {
  try {
    return readdirSync(toPathBytes(path), { encoding: 'latin1' });
  } catch (error) {
    throw unreadable(path, error);
  }
}

function readText(path: string): string {
  try {
    return lstatSync(toPathBytes(path)).isFile() ? readFileSync(toPathBytes(path), 'latin1') : '';
  } catch (error) {
    throw unreadable(path, error);
  }
}
