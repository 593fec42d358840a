import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ignoreFileName } from '../ignore/ignore-rules.ts';
import type { Repository } from './repository.ts';
import { readGit } from './run-git.ts';

/**
 * What a session leaves out: the lines of the `.recacignore` at the top and of those below that git tracks, as lines of one at the top, and then those of the configuration. Errors: `RECAC_WORKSPACE_GIT_FAILED`.
 */
export async function readExclude({ directory }: Repository, exclude: readonly string[]): Promise<readonly string[]> {
  const listed = await readGit({ directory, arguments: ['ls-files', '-z', '--', `:(glob)**/${ignoreFileName}`] });
  const below = listed.split('\0').filter((path) => path.includes('/'));
  const lines: string[] = [];
  for (const path of [ignoreFileName, ...below]) {
    const text = await readFile(join(directory, path), 'utf8').catch(() => '');
    for (const line of text.replace(/^\uFEFF/, '').split('\n')) lines.push(...toLinesAtTop(dirname(path), line));
  }
  return [...lines, ...exclude];
}

/** A line of an ignore file in a directory, as one of a file at the top. */
export function toLinesAtTop(directory: string, line: string): readonly string[] {
  const text = line.replace(/\r$/, '');
  if (text.trim() === '' || text.startsWith('#')) return [];
  if (directory === '.') return [text];
  const sign = text.startsWith('!') ? '!' : '';
  const pattern = text.slice(sign.length).replace(/^\\(?=[!#])/, '');
  const isAnchored = pattern.replace(/\/$/, '').includes('/');
  const place = directory.replace(/[\\*?[]/g, '\\$&');
  return [`${sign}/${place}/${isAnchored ? pattern.replace(/^\//, '') : `**/${pattern}`}`];
}
