import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLocalEngine } from '../src/index.ts';

test('a client that has attached sees the end although the owner stops the environment at once', async () => {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'recac-attached-'));
  await using owner = createLocalEngine({ stateDirectory });
  await using other = createLocalEngine({ stateDirectory });
  const { id } = await owner.startEnvironment({ sessionId: 'attached' });
  const handle = await owner.spawn(id, ['sh', '-c', 'echo begin; sleep 0.7; echo end; exit 42']);
  const attached = await other.attachExec(id, handle.execId);
  await handle.wait();
  const stopped = owner.stopEnvironment(id);
  expect((await attached.wait()).outcome).toEqual({ type: 'exited', code: 42 });
  await stopped;
  await rm(stateDirectory, { recursive: true, force: true });
});
