import assert from 'node:assert/strict';
import { assertExited, assertOutcome } from '../assert-outcome.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { shell } from '../shell-command.ts';
import { assertTickingStopped, tickFunction } from '../ticking.ts';

/** Cases of group `timeouts`: total and idle limits and how they end a command. */
export const timeoutsCases: readonly ConformanceCase[] = [
  {
    id: 'timeouts/total',
    contract: 'A command that runs longer than timeoutMs is ended: timedOut, total, the limit, exit code 124.',
    async run(context) {
      const { id } = await context.start();
      const before = performance.now();
      const result = await context.engine.exec(id, ['sleep', '4'], { timeoutMs: 500 });
      const elapsed = performance.now() - before;
      assertOutcome(result, { type: 'timedOut', limit: 'total', limitMs: 500 });
      assert.equal(result.exitCode, 124);
      assert.ok(elapsed >= 450, `ended after ${elapsed} ms`);
    },
  },
  {
    id: 'timeouts/idle',
    contract: 'A command that writes nothing for idleTimeoutMs is ended: timedOut, idle.',
    async run(context) {
      const { id } = await context.start();
      const result = await context.engine.exec(id, shell('echo begin; sleep 6; echo late'), { idleTimeoutMs: 700 });
      assertOutcome(result, { type: 'timedOut', limit: 'idle', limitMs: 700 });
      assert.equal(result.stdout, 'begin\n');
    },
  },
  {
    id: 'timeouts/idle-reset',
    contract: 'Output on either stream starts the idle time anew.',
    slow: true,
    async run(context) {
      const { id } = await context.start();
      const idleTimeoutMs = 1_800 * context.slow;
      const rounds = Math.ceil(idleTimeoutMs / 2_000) + 1;
      const script = 'n=0; while [ $n -lt "$1" ]; do sleep 1; echo a; sleep 1; echo b >&2; n=$((n+1)); done';
      const result = await context.engine.exec(id, shell(script, String(rounds)), { idleTimeoutMs });
      assertExited(result);
      assert.deepEqual([result.stdout, result.stderr], ['a\n'.repeat(rounds), 'b\n'.repeat(rounds)]);
    },
  },
  {
    id: 'timeouts/output-kept',
    contract: 'Output written before the limit is part of the result.',
    slow: true,
    async run(context) {
      const { id } = await context.start();
      const result = await context.engine.exec(id, shell('echo out; echo err >&2; sleep 6; echo late'), {
        timeoutMs: 900,
      });
      assert.equal(result.outcome.type, 'timedOut');
      assert.deepEqual([result.stdout, result.stderr], ['out\n', 'err\n']);
    },
  },
  {
    id: 'timeouts/term-first',
    contract:
      'The first signal is SIGTERM; a command that obeys it in its grace is not killed, and what it writes then is kept.',
    async run(context) {
      const { id } = await context.start();
      const script =
        "trap 'echo bye; exit 0' TERM; n=0; while [ $n -lt 60 ]; do n=$((n+1)); sleep 0.1 2>/dev/null || sleep 1; done";
      const result = await context.engine.exec(id, shell(script), { timeoutMs: 600 });
      assertOutcome(result, { type: 'timedOut', limit: 'total', limitMs: 600 });
      assert.equal(result.stdout, 'bye\n');
      assert.equal(result.killed?.signal, 'SIGTERM');
      assert.deepEqual([...(result.killed?.survivors ?? [])], []);
    },
  },
  {
    id: 'timeouts/kill-after-grace',
    contract: 'A command that ignores SIGTERM is ended with SIGKILL after killGraceMs.',
    slow: true,
    async run(context) {
      const { id } = await context.start();
      const before = performance.now();
      const script = "trap '' TERM; n=0; while [ $n -lt 12 ]; do n=$((n+1)); sleep 1; done";
      const result = await context.engine.exec(id, shell(script), { timeoutMs: 400, killGraceMs: 2_000 });
      const elapsed = performance.now() - before;
      assertOutcome(result, { type: 'timedOut', limit: 'total', limitMs: 400 });
      assert.equal(result.killed?.signal, 'SIGKILL');
      assert.ok(elapsed >= 2_350, `ended after ${elapsed} ms, before the grace was over`);
    },
  },
  {
    id: 'timeouts/children-die',
    contract: 'A time limit ends the whole process group.',
    slow: true,
    async run(context) {
      const { id } = await context.start();
      const result = await context.engine.exec(id, shell(`${tickFunction} (trap '' TERM; tick ticks) & sleep 20`), {
        timeoutMs: 1_200,
        killGraceMs: 300,
      });
      assert.equal(result.outcome.type, 'timedOut');
      await assertTickingStopped(context.engine, id, 'ticks');
    },
  },
  {
    id: 'timeouts/escapee-dies',
    contract: 'A time limit also ends a process that left the group with setsid, and counts it.',
    requires: ['escapeeSweep'],
    slow: true,
    async run(context) {
      const { id } = await context.start();
      const script = `setsid sh -c '${tickFunction} tick ticks' >/dev/null 2>&1 </dev/null & sleep 20`;
      const result = await context.engine.exec(id, shell(script), { timeoutMs: 1_200, killGraceMs: 300 });
      assert.equal(result.outcome.type, 'timedOut');
      assert.ok((result.killed?.escapees ?? 0) >= 1, `escapees: ${result.killed?.escapees}`);
      await assertTickingStopped(context.engine, id, 'ticks');
    },
  },
  {
    id: 'timeouts/not-reached',
    contract: 'A command that ends within its limits is not touched by them.',
    async run(context) {
      const { id } = await context.start();
      const result = await context.engine.exec(id, shell('echo x; exit 3'), {
        timeoutMs: 20_000,
        idleTimeoutMs: 20_000,
        killGraceMs: 1,
      });
      assertExited(result, 3);
      assert.equal(result.killed, undefined);
    },
  },
  {
    id: 'timeouts/of-a-handle',
    contract: 'The limits hold for spawn as for exec.',
    async run(context) {
      const { id } = await context.start();
      const total = await context.engine.spawn(id, ['sleep', '4'], { timeoutMs: 400 });
      const idle = await context.engine.spawn(id, ['sleep', '4'], { idleTimeoutMs: 500 });
      const [totalEnd, idleEnd] = await Promise.all([total.wait(), idle.wait()]);
      assertOutcome(totalEnd, { type: 'timedOut', limit: 'total', limitMs: 400 });
      assertOutcome(idleEnd, { type: 'timedOut', limit: 'idle', limitMs: 500 });
    },
  },
];
