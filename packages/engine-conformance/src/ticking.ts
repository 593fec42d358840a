import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerEngine } from '@recac/engine-core';
import { shell } from './shell-command.ts';

/** Shell function `tick FILE`: adds a byte to the file about ten times a second for at most a minute, as a sign of life. */
export const tickFunction =
  'tick() { n=0; while [ $n -lt 600 ]; do n=$((n+1)); printf x >>"$1"; sleep 0.1 2>/dev/null || sleep 1; done; }; ';

/** Asserts that a ticking process in the environment has ticked and ticks no more. */
export async function assertTickingStopped(engine: ContainerEngine, id: string, path: string): Promise<void> {
  await assertSizeStands(() => sizeInside(engine, id, path), path);
}

/** Asserts that a size is above zero and does not grow for more than a second. */
export async function assertSizeStands(readSize: () => Promise<number>, what: string): Promise<void> {
  const before = await readSize();
  assert.ok(before > 0, `${what}: the process never ran`);
  await sleep(1_200);
  assert.equal(await readSize(), before, `${what}: a process that should be gone still runs`);
}

/** Size in bytes of a file in an environment; 0 when it is missing. */
export async function sizeInside(engine: ContainerEngine, id: string, path: string): Promise<number> {
  const result = await engine.exec(id, shell('if [ -e "$1" ]; then wc -c <"$1"; else echo 0; fi', path));
  return Number(result.stdout.trim());
}

/** Whether a path exists in an environment. */
export async function existsInside(engine: ContainerEngine, id: string, path: string): Promise<boolean> {
  const result = await engine.exec(id, shell('if [ -e "$1" ]; then echo yes; fi', path));
  return result.stdout === 'yes\n';
}
