import assert from 'node:assert/strict';
import type { ContainerEngine } from '@recac/engine-core';

/** Runs `true` in an environment; anything but exit 0 throws. */
export async function execTrue(engine: ContainerEngine, id: string): Promise<void> {
  const { outcome } = await engine.exec(id, ['true']);
  assert.deepEqual(outcome, { type: 'exited', code: 0 });
}
