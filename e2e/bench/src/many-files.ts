import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How many files a tree of the table has: 10 000 of 2.9 kB in 100 directories. */
export const fileCount = 10_000;

/** Runs work with such a tree in a new directory below another one. */
export async function withManyFiles<T>(
  below: string,
  count: number,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(below, 'recac-bench-'));
  try {
    for (let index = 0; index < count; index += 1) {
      const parent = join(directory, `directory-${index % 100}`);
      if (index < 100) mkdirSync(parent);
      writeFileSync(join(parent, `file-${index}`), `${index} `.repeat(2_900).slice(0, 2_900));
    }
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
