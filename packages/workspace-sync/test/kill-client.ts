import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/** A process that moves files (`parameters` of `move-and-wait.ts`), killed with SIGKILL as soon as it has moved enough. */
export async function killClient(parameters: readonly string[], hasMovedEnough: () => Promise<boolean>): Promise<void> {
  const program = fileURLToPath(new URL('move-and-wait.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@recac/source', program, ...parameters], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const closed = once(child, 'close');
  await expect.poll(hasMovedEnough, { timeout: 60_000, interval: 5 }).toBe(true);
  child.kill('SIGKILL');
  await closed;
}
