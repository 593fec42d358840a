import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs work with a fresh directory that every user may write to. */
export async function withBindDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'recac-bench-'));
  try {
    await chmod(directory, 0o777);
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
