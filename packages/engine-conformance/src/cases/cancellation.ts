import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertExited, assertOutcome } from '../assert-outcome.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { withDeadline } from '../deadline.ts';
import { expectRejection } from '../expect-rejection.ts';
import { handled } from '../handled.ts';
import { shell } from '../shell-command.ts';
import { readText, StreamReader } from '../stream-reader.ts';
import { assertTickingStopped, existsInside, sizeInside, tickFunction } from '../ticking.ts';
import { waitUntil } from '../wait-until.ts';

/** Cases of group `cancellation`: signals and cancel() end what they should, and only that. */
export const cancellationCases: readonly ConformanceCase[] = [
  {
    id: 'cancellation/before-exec',
    contract: 'exec and spawn with a signal that has fired reject with RECAC_ABORTED and run nothing.',
    async run(context) {
      const { id } = await context.start();
      const signal = AbortSignal.abort();
      const error = await expectRejection(
        context.engine.exec(id, ['touch', 'ran'], { signal }),
        ['RECAC_ABORTED'],
        'exec',
      );
      await expectRejection(context.engine.spawn(id, ['touch', 'ran'], { signal }), ['RECAC_ABORTED'], 'spawn');
      assert.equal(error.name, 'AbortError');
      await sleep(200);
      assert.equal(await existsInside(context.engine, id, 'ran'), false, 'nothing ran');
    },
  },
  {
    id: 'cancellation/before-start',
    contract: 'startEnvironment with a signal that has fired rejects with RECAC_ABORTED and makes nothing.',
    async run(context) {
      const specification = context.specification();
      await expectRejection(
        context.engine.startEnvironment(specification, { signal: AbortSignal.abort() }),
        ['RECAC_ABORTED'],
        'start',
      );
      assert.deepEqual(await context.engine.listEnvironments({ sessionId: specification.sessionId }), []);
    },
  },
  {
    id: 'cancellation/during-start',
    contract:
      'Cancelling startEnvironment on its way rejects with RECAC_ABORTED, leaves nothing, and the session id is free.',
    async run(context) {
      const specification = context.specification();
      const controller = new AbortController();
      const starting = context.engine.startEnvironment(specification, {
        signal: controller.signal,
        onEvent: () => controller.abort(),
      });
      setTimeout(() => controller.abort(), 5).unref();
      await expectRejection(starting, ['RECAC_ABORTED'], 'start');
      assert.deepEqual(await context.engine.listEnvironments({ sessionId: specification.sessionId }), []);
      await context.start({ sessionId: specification.sessionId });
    },
  },
  {
    id: 'cancellation/during-exec',
    contract: 'Cancelling a running exec resolves with the outcome cancelled and exit code 130; output so far is kept.',
    async run(context) {
      const { id } = await context.start();
      const controller = new AbortController();
      const running = context.engine.exec(id, shell('echo begin; sleep 20'), {
        signal: controller.signal,
        onStdout: () => controller.abort(),
      });
      const result = await withDeadline(running, 12_000 * context.slow, 'the cancelled exec');
      assertOutcome(result, { type: 'cancelled' });
      assert.deepEqual([result.exitCode, result.stdout], [130, 'begin\n']);
    },
  },
  {
    id: 'cancellation/tree-is-gone',
    contract: 'After a cancelled exec has resolved, its whole process group is gone, also what ignores SIGTERM.',
    slow: true,
    async run(context) {
      const { id } = await context.start();
      const controller = new AbortController();
      const script = `${tickFunction} (trap '' TERM; tick ticks) & echo begin; sleep 20`;
      const running = handled(context.engine.exec(id, shell(script), { signal: controller.signal, killGraceMs: 300 }));
      await waitUntil(
        async () => (await sizeInside(context.engine, id, 'ticks')) > 0,
        10_000 * context.slow,
        'the first tick',
      );
      controller.abort();
      assertOutcome(await running, { type: 'cancelled' });
      await assertTickingStopped(context.engine, id, 'ticks');
    },
  },
  {
    id: 'cancellation/escapee-dies',
    contract: 'Cancelling also ends a process that left the group with setsid.',
    requires: ['escapeeSweep'],
    slow: true,
    async run(context) {
      const { id } = await context.start();
      const script = `setsid sh -c '${tickFunction} tick ticks' >/dev/null 2>&1 </dev/null & sleep 20`;
      const handle = await context.engine.spawn(id, shell(script), { killGraceMs: 300 });
      await waitUntil(
        async () => (await sizeInside(context.engine, id, 'ticks')) > 0,
        10_000 * context.slow,
        'the first tick',
      );
      await handle.cancel();
      assertOutcome(await handle.wait(), { type: 'cancelled' });
      await assertTickingStopped(context.engine, id, 'ticks');
    },
  },
  {
    id: 'cancellation/ignores-term',
    contract: 'cancel() ends a command that ignores SIGTERM with SIGKILL after the grace.',
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(
        id,
        shell("trap '' TERM; echo ready; n=0; while [ $n -lt 20 ]; do n=$((n+1)); sleep 1; done"),
        { killGraceMs: 300 },
      );
      await new StreamReader(handle.stdout, context).until('ready\n');
      await handle.cancel();
      const end = await handle.wait();
      assertOutcome(end, { type: 'cancelled' });
      assert.equal(end.killed?.signal, 'SIGKILL');
    },
  },
  {
    id: 'cancellation/twice',
    contract: 'cancel() is idempotent, at once and afterwards.',
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(id, ['sleep', '20']);
      await Promise.all([handle.cancel(), handle.cancel()]);
      await handle.cancel();
      assertOutcome(await handle.wait(), { type: 'cancelled' });
    },
  },
  {
    id: 'cancellation/after-the-end',
    contract: 'Cancelling a command that has ended changes nothing about how it ended.',
    async run(context) {
      const { id } = await context.start();
      const controller = new AbortController();
      const handle = await context.engine.spawn(id, shell('exit 7'), { signal: controller.signal });
      assertExited(await handle.wait(), 7);
      await handle.cancel();
      controller.abort();
      assertExited(await handle.wait(), 7);
    },
  },
  {
    id: 'cancellation/left-behind',
    contract: 'Cancelling a command that has ended leaves alone what it left running.',
    requires: ['durableExec'],
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(id, shell('sleep 30 >/dev/null 2>&1 & echo $!'));
      const pid = await readText(handle.stdout);
      assertExited(await handle.wait());
      const attached = await (await context.otherEngine()).attachExec(id, handle.execId);
      await attached.cancel();
      await handle.cancel();
      assertExited(await context.engine.exec(id, shell(`kill ${pid}`)));
    },
  },
  {
    id: 'cancellation/only-that-command',
    contract: 'Cancelling one command leaves the others and the environment alone.',
    slow: true,
    async run(context) {
      const { id } = await context.start();
      const controller = new AbortController();
      const kept = handled(
        context.engine.exec(
          id,
          shell('n=0; while [ ! -e go ] && [ $n -lt 20 ]; do n=$((n+1)); sleep 1; done; echo kept'),
        ),
      );
      const cancelled = handled(
        context.engine.exec(id, shell('echo begin; sleep 20'), {
          signal: controller.signal,
          onStdout: () => controller.abort(),
        }),
      );
      await cancelled;
      assertExited(await context.engine.exec(id, ['touch', 'go']));
      const result = await kept;
      assertExited(result);
      assert.equal(result.stdout, 'kept\n');
    },
  },
  {
    id: 'cancellation/aborted-attach',
    contract:
      'Aborting attachExec, or the handle, ends its reads, rejects its wait with RECAC_ABORTED and leaves the command alone.',
    slow: true,
    requires: ['durableExec'],
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(
        id,
        shell('echo begin; n=0; while [ ! -e go ] && [ $n -lt 20 ]; do n=$((n+1)); sleep 1; done; exit 16'),
      );
      await expectRejection(
        context.engine.attachExec(id, handle.execId, { signal: AbortSignal.abort() }),
        ['RECAC_ABORTED'],
        'attach',
      );
      const controller = new AbortController();
      const attached = await context.engine.attachExec(id, handle.execId, { signal: controller.signal });
      const reader = new StreamReader(attached.stdout, context);
      await reader.until('begin\n');
      const waiting = handled(attached.wait());
      controller.abort();
      for (const ended of [waiting, attached.wait()]) {
        const settled = withDeadline(ended, 5_000 * context.slow, 'the end of the aborted wait');
        await expectRejection(settled, ['RECAC_ABORTED'], 'wait of the aborted handle');
      }
      await withDeadline(
        reader.rest().catch(() => undefined),
        5_000 * context.slow,
        'the end of the aborted read',
      );
      await context.engine.exec(id, ['touch', 'go']);
      assertExited(await handle.wait(), 16);
    },
  },
  {
    id: 'cancellation/every-call',
    contract: 'Every call with a signal that has fired rejects with RECAC_ABORTED.',
    async run(context) {
      const { id } = await context.start();
      const options = { signal: AbortSignal.abort() };
      await expectRejection(context.engine.init(options), ['RECAC_ABORTED'], 'init');
      await expectRejection(context.engine.listEnvironments(options), ['RECAC_ABORTED'], 'listEnvironments');
      await expectRejection(context.engine.inspectEnvironment(id, options), ['RECAC_ABORTED'], 'inspectEnvironment');
      await expectRejection(context.engine.stopEnvironment(id, options), ['RECAC_ABORTED'], 'stopEnvironment');
      assertExited(await context.engine.exec(id, ['true']));
    },
  },
];
