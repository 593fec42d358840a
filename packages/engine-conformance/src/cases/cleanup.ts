import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assertExited } from '../assert-outcome.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import type { ConformanceContext } from '../conformance-context.ts';
import { expectRejection } from '../expect-rejection.ts';
import { handled } from '../handled.ts';
import { shell } from '../shell-command.ts';
import { assertSizeStands, tickFunction } from '../ticking.ts';
import { waitUntil } from '../wait-until.ts';

async function fileSize(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Runs a script that leaves a ticking process behind in a bound workspace, stops the environment, and asserts that it is gone. */
async function assertStopEnds(context: ConformanceContext, script: string): Promise<void> {
  const hostPath = await context.temporaryDirectory();
  const { id } = await context.start({ workspace: { type: 'bind', hostPath } });
  assertExited(await context.engine.exec(id, shell(script)));
  const ticks = join(hostPath, 'ticks');
  await waitUntil(async () => (await fileSize(ticks)) > 0, 10_000 * context.slow, 'the first tick');
  await context.engine.stopEnvironment(id);
  await assertSizeStands(() => fileSize(ticks), 'ticks');
}

/** Cases of group `cleanup`: a stop removes all that we made, and only that. */
export const cleanupCases: readonly ConformanceCase[] = [
  {
    id: 'cleanup/not-listed',
    contract: 'A stopped environment is neither listed nor inspected.',
    async run(context) {
      const { id, sessionId } = await context.start();
      await context.engine.stopEnvironment(id);
      assert.deepEqual(await context.engine.listEnvironments({ sessionId }), []);
      assert.equal(
        (await context.engine.listEnvironments()).some((status) => status.id === id),
        false,
      );
      await expectRejection(context.engine.inspectEnvironment(id), ['RECAC_ENVIRONMENT_NOT_FOUND'], 'inspect');
    },
  },
  {
    id: 'cleanup/others-untouched',
    contract: 'A stop leaves other environments, their commands and their files alone.',
    slow: true,
    async run(context) {
      const kept = await context.start();
      const stopped = await context.start();
      await context.engine.exec(kept.id, shell('echo content >file'));
      const running = handled(
        context.engine.exec(
          kept.id,
          shell('n=0; while [ ! -e go ] && [ $n -lt 20 ]; do n=$((n+1)); sleep 1; done; cat file'),
        ),
      );
      await context.engine.stopEnvironment(stopped.id);
      assert.equal((await context.engine.inspectEnvironment(kept.id)).phase, 'Running');
      assertExited(await context.engine.exec(kept.id, ['touch', 'go']));
      const result = await running;
      assertExited(result);
      assert.equal(result.stdout, 'content\n');
    },
  },
  {
    id: 'cleanup/background-processes',
    contract: 'A stop ends every process of the environment, also what commands left in the background.',
    requires: ['bindMount'],
    slow: true,
    run: (context) =>
      assertStopEnds(context, `${tickFunction} (trap '' TERM HUP; tick ticks) >/dev/null 2>&1 </dev/null &`),
  },
  {
    id: 'cleanup/escaped-processes',
    contract: 'A stop ends also what left its process group with setsid.',
    requires: ['bindMount', 'escapeeSweep'],
    slow: true,
    run: (context) =>
      assertStopEnds(
        context,
        `setsid sh -c 'trap "" TERM HUP; ${tickFunction} tick ticks' >/dev/null 2>&1 </dev/null & sleep 1`,
      ),
  },
  {
    id: 'cleanup/bound-files-stay',
    contract: 'A bound directory and what is in it stay after a stop, with nothing of ours added.',
    requires: ['bindMount'],
    async run(context) {
      const hostPath = await context.temporaryDirectory();
      await writeFile(join(hostPath, 'before'), 'kept');
      const { id } = await context.start({ workspace: { type: 'bind', hostPath } });
      assertExited(await context.engine.exec(id, shell('cat before; echo made >inside')));
      await context.engine.stopEnvironment(id);
      assert.deepEqual((await readdir(hostPath)).toSorted(), ['before', 'inside']);
      assert.equal(await readFile(join(hostPath, 'before'), 'utf8'), 'kept');
      assert.equal(await readFile(join(hostPath, 'inside'), 'utf8'), 'made\n');
    },
  },
  {
    id: 'cleanup/scratch-is-fresh',
    contract: 'A scratch workspace starts empty, also for a session id that was used before.',
    async run(context) {
      const { id, sessionId } = await context.start();
      assert.equal((await context.engine.exec(id, shell('ls -A; echo x >left'))).stdout, '');
      await context.engine.stopEnvironment(id);
      const again = await context.start({ sessionId });
      assert.equal((await context.engine.exec(again.id, ['ls', '-A'])).stdout, '');
    },
  },
  {
    id: 'cleanup/dispose-engine',
    contract: 'Disposing an engine closes it and leaves its environments.',
    async run(context) {
      const engine = await context.otherEngine();
      const { id } = await context.start({}, engine);
      await engine[Symbol.asyncDispose]();
      await expectRejection(engine.exec(id, ['true']), [], 'exec on the disposed engine');
      assertExited(await context.engine.exec(id, ['true']));
    },
  },
  {
    id: 'cleanup/workspace-stays-clean',
    contract: 'Running commands leaves nothing of ours in the workspace.',
    async run(context) {
      const { id } = await context.start();
      await context.engine.exec(id, ['cat'], { stdin: 'x' });
      await context.engine.exec(id, shell('echo out; echo err >&2; exit 1'));
      assert.equal((await context.engine.exec(id, ['ls', '-A'])).stdout, '');
    },
  },
];
