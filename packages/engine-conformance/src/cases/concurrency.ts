import assert from 'node:assert/strict';
import { assertExited } from '../assert-outcome.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { withDeadline } from '../deadline.ts';
import { expectRejection } from '../expect-rejection.ts';
import { createGate } from '../gate.ts';
import { shell } from '../shell-command.ts';
import { readText } from '../stream-reader.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Cases of group `concurrency`: any call at any time and any number at once. */
export const concurrencyCases: readonly ConformanceCase[] = [
  {
    id: 'concurrency/fifty-execs',
    contract: 'Fifty commands at once in one environment each get their own arguments, output and code.',
    slow: true,
    deadlineMs: 90_000,
    async run(context) {
      const { id } = await context.start();
      const results = await Promise.all(
        numbers(50).map((n) =>
          context.engine.exec(id, shell('echo "out $1"; echo "err $1" >&2; exit "$1"', String(n))),
        ),
      );
      for (const [n, result] of results.entries()) {
        assertExited(result, n);
        assert.deepEqual([result.stdout, result.stderr], [`out ${n}\n`, `err ${n}\n`]);
      }
    },
  },
  {
    id: 'concurrency/eight-environments',
    contract: 'Eight environments at once are apart: own ids, own files, own results.',
    slow: true,
    deadlineMs: 120_000,
    async run(context) {
      const environments = await Promise.all(numbers(8).map(() => context.start()));
      assert.equal(new Set(environments.map(({ id }) => id)).size, 8);
      await Promise.all(
        environments.map(({ id, sessionId }) => context.engine.exec(id, shell('echo "$1" >me', sessionId))),
      );
      const results = await Promise.all(environments.map(({ id }) => context.engine.exec(id, ['cat', 'me'])));
      assert.deepEqual(
        results.map(({ stdout }) => stdout),
        environments.map(({ sessionId }) => `${sessionId}\n`),
      );
    },
  },
  {
    id: 'concurrency/outputs-do-not-mix',
    contract: 'Output of commands that write at the same time does not mix.',
    deadlineMs: 60_000,
    async run(context) {
      const { id } = await context.start();
      const script = 'n=0; while [ $n -lt 400 ]; do echo "$1 $n"; echo "$1 error $n" >&2; n=$((n+1)); done';
      const results = await Promise.all(numbers(6).map((n) => context.engine.exec(id, shell(script, `w${n}`))));
      for (const [n, { stdout, stderr }] of results.entries()) {
        assert.equal(
          stdout,
          numbers(400)
            .map((line) => `w${n} ${line}\n`)
            .join(''),
        );
        assert.equal(
          stderr,
          numbers(400)
            .map((line) => `w${n} error ${line}\n`)
            .join(''),
        );
      }
    },
  },
  {
    id: 'concurrency/two-hundred-in-a-row',
    contract: 'Two hundred commands one after the other all give their own result.',
    slow: true,
    deadlineMs: 120_000,
    async run(context) {
      const { id } = await context.start();
      for (const n of numbers(200)) {
        const result = await context.engine.exec(id, shell('echo "$1"; exit "$1"', String(n)));
        assertExited(result, n);
        assert.equal(result.stdout, `${n}\n`);
      }
    },
  },
  {
    id: 'concurrency/slow-beside-quick',
    contract: 'A command that takes long does not hold up others.',
    async run(context) {
      const { id } = await context.start();
      const slow = await Promise.all(numbers(12).map(() => context.engine.spawn(id, ['sleep', '25'])));
      const quick = context.engine.exec(id, ['echo', 'quick']);
      assert.equal(
        (await withDeadline(quick, 15_000 * context.slow, 'a quick command beside twelve slow ones')).stdout,
        'quick\n',
      );
      await Promise.all(slow.map((handle) => handle.cancel()));
    },
  },
  {
    id: 'concurrency/stdin-does-not-mix',
    contract: 'Each of many commands at once reads its own stdin.',
    async run(context) {
      const { id } = await context.start();
      const handles = await Promise.all(numbers(8).map(() => context.engine.spawn(id, ['cat'], { stdin: 'pipe' })));
      for (const part of ['a', 'b', 'c']) await Promise.all(handles.map((handle, n) => handle.write(`${n}${part}\n`)));
      await Promise.all(handles.map((handle) => handle.end()));
      const texts = await Promise.all(handles.map((handle) => readText(handle.stdout)));
      assert.deepEqual(
        texts,
        numbers(8).map((n) => `${n}a\n${n}b\n${n}c\n`),
      );
    },
  },
  {
    id: 'concurrency/same-session-race',
    contract:
      'Of several starts of one session id at once exactly one succeeds; the others are RECAC_ENVIRONMENT_CONFLICT.',
    async run(context) {
      const other = await context.otherEngine();
      const specification = context.specification();
      const starts = numbers(4).map((n) => (n % 2 === 0 ? context.engine : other).startEnvironment(specification));
      const settled = await Promise.allSettled(starts);
      const [winner, ...rest] = settled.filter((result) => result.status === 'fulfilled');
      assert.ok(
        winner && rest.length === 0,
        `${settled.length - settled.filter(({ status }) => status === 'rejected').length} of 4 starts succeeded`,
      );
      for (const [n, result] of settled.entries()) {
        if (result.status === 'rejected')
          await expectRejection(starts[n] as Promise<unknown>, ['RECAC_ENVIRONMENT_CONFLICT'], 'a losing start');
      }
      assertExited(await context.engine.exec(winner.value.id, ['true']));
    },
  },
  {
    id: 'concurrency/stop-during-exec',
    contract: 'Stopping an environment ends its running commands, none of which is reported as a success.',
    async run(context) {
      const { id } = await context.start();
      const started = createGate();
      const running = context.engine.exec(id, shell('echo begin; sleep 20'), { onStdout: () => started.open() });
      const settled = Promise.allSettled([running]);
      await withDeadline(started.opened, 10_000 * context.slow, 'the first output');
      await context.engine.stopEnvironment(id);
      const [result] = await withDeadline(settled, 15_000 * context.slow, 'the end of the running command');
      if (result.status === 'fulfilled')
        assert.notEqual(result.value.exitCode, 0, `the outcome is ${JSON.stringify(result.value.outcome)}`);
      else
        await expectRejection(
          running,
          ['RECAC_ENVIRONMENT_NOT_FOUND', 'RECAC_EXEC_FAILED', 'RECAC_ABORTED'],
          'the running command',
        );
    },
  },
  {
    id: 'concurrency/stops-at-once',
    contract: 'Several stops of one environment at once all resolve.',
    async run(context) {
      const { id } = await context.start();
      const other = await context.otherEngine();
      await Promise.all([
        context.engine.stopEnvironment(id),
        other.stopEnvironment(id),
        context.engine.stopEnvironment(id),
      ]);
      await expectRejection(context.engine.inspectEnvironment(id), ['RECAC_ENVIRONMENT_NOT_FOUND'], 'inspect');
    },
  },
];
