import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerEngine, ExecHandle } from '@recac/engine-core';
import { expect, test } from 'vitest';
import { createLocalEngine } from '../src/index.ts';
import { isAlive, withEnvironment } from './with-environment.ts';

interface Neighbours {
  /** Has ended. */
  readonly first: ExecHandle;
  /** A process that it has left behind. */
  readonly leftBehind: number;
  /** Runs in the same segment, until there is a file `go`. */
  readonly next: ExecHandle;
}

/** On a busy machine the first may be told not to wait for its output, and what comes then has another segment. */
async function startNeighbours(engine: ContainerEngine, id: string): Promise<Neighbours> {
  const segmentOf = ({ execId }: ExecHandle): string => execId.replace(/-\d+$/, '');
  for (;;) {
    const first = await engine.spawn(id, ['sh', '-c', 'sleep 600 >/dev/null 2>&1 & echo $!']);
    let leftBehind = 0;
    for await (const piece of first.stdout) leftBehind = Number(Buffer.from(piece).toString());
    await first.wait();
    const next = await engine.spawn(id, ['sh', '-c', 'until [ -e go ]; do sleep 0.05; done; exit 3']);
    if (segmentOf(next) === segmentOf(first)) return { first, leftBehind, next };
    await next.cancel();
  }
}

test('cancelling a command that has ended does nothing to the next one in its lane, nor to what it left behind', async () => {
  await withEnvironment(async ({ engine: owner, id, stateDirectory }) => {
    const { first, leftBehind, next } = await startNeighbours(owner, id);
    await using other = createLocalEngine({ stateDirectory });
    const attached = await other.attachExec(id, first.execId);
    await attached.cancel();
    expect(await attached.wait()).toMatchObject({ outcome: { type: 'exited', code: 0 } });
    writeFileSync(join(stateDirectory, id, 'workspace', 'go'), '');
    expect((await next.wait()).outcome).toEqual({ type: 'exited', code: 3 });
    expect(isAlive(leftBehind)).toBe(true);
  });
});
