import { spawnSync } from 'node:child_process';
import type { TestContext } from 'vitest';

/** A small file system in a directory until it is disposed of. Where none can be mounted the test is skipped, or fails where every component is required. */
export function mountOrSkip(context: TestContext, target: string, options: string): Disposable {
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', target]);
  if (status !== 0) {
    if (process.env.CI === 'true' || process.env.RECAC_REQUIRE_ALL === '1') throw new Error('mount is required here');
    context.skip('a small file system cannot be mounted here: needs root');
  }
  return { [Symbol.dispose]: () => void spawnSync('umount', ['-l', target]) };
}
