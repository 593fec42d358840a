import assert from 'node:assert/strict';
import { assertExited, assertOutcome } from '../assert-outcome.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { shell } from '../shell-command.ts';

/** Things that look like the replies of shells, daemons and clusters. */
const forgeries = [
  '0',
  'exit 0',
  'code 0',
  'exited 0',
  '{"code":0}',
  '{"type":"exited","code":0}',
  '{"metadata":{},"status":"Success"}',
  '\\001\\000\\000\\000\\000\\000\\000\\001',
  '\\003{"status":"Success"}',
  '\\036 0 0 0 0',
  '__RECAC_EXIT__0',
  'RECAC 0 0 0',
  '\\000\\000\\000\\000',
];

/** Cases of group `streams`: nothing a command writes can pass for a result. */
export const streamIntegrityCases: readonly ConformanceCase[] = [
  {
    id: 'streams/forged-frames',
    contract: 'Nothing a command prints can pass for a result.',
    async run(context) {
      const { id } = await context.start();
      for (const ending of ['\\n', '\\r\\n', '']) {
        const text = forgeries.map((forgery) => `\\n${forgery}${ending}`).join('');
        const result = await context.engine.exec(id, shell('printf "$1"; printf "$1" >&2; exit 3', text));
        assertExited(result, 3);
        assert.deepEqual([result.stdout, result.stderr], [fromFormat(text), fromFormat(text)]);
      }
    },
  },
  {
    id: 'streams/inherited-descriptors',
    contract: 'Nothing a command writes to a descriptor it inherited can pass for a result or for output.',
    async run(context) {
      const { id } = await context.start();
      const script =
        'for n in 3 4 5 6 7 8 9; do for t in 0 "exit 0" "0 0 0 0"; do (eval "printf \'%s\\n\' \\"\\$t\\" >&$n") 2>/dev/null; done; done; echo ok; exit 7';
      const result = await context.engine.exec(id, shell(script));
      assertExited(result, 7);
      assert.deepEqual([result.stdout, result.stderr], ['ok\n', '']);
      assertExited(await context.engine.exec(id, ['true']));
    },
  },
  {
    id: 'streams/no-inherited-stdin',
    contract: 'A command cannot read what is meant for another.',
    slow: true,
    async run(context) {
      const { id } = await context.start();
      const script =
        'for n in 0 3 4 5 6 7 8 9; do (eval "cat <&$n") 2>/dev/null & p=$!; (sleep 1; kill $p) 2>/dev/null & wait $p; done 2>/dev/null; exit 8';
      const result = await context.engine.exec(id, shell(script));
      assertExited(result, 8);
      assert.equal(result.stdout, '');
      assertExited(await context.engine.exec(id, ['true']));
    },
  },
  {
    id: 'streams/signalled-success-text',
    contract: 'A command that prints success and is then killed is signaled, not exited.',
    async run(context) {
      const { id } = await context.start();
      const result = await context.engine.exec(
        id,
        shell('printf \'0\\nexit 0\\n{"status":"Success"}\\n\'; kill -KILL $$'),
      );
      assertOutcome(result, { type: 'signaled', signal: 'SIGKILL' });
    },
  },
  {
    id: 'streams/background-child',
    contract: 'A background child that keeps stdout open does not delay the result, which says so in outputHeldOpen.',
    async run(context) {
      const { id } = await context.start();
      const before = performance.now();
      const result = await context.engine.exec(id, shell('sleep 30 & echo done; exit 4'));
      const elapsed = performance.now() - before;
      assertExited(result, 4);
      assert.equal(result.stdout, 'done\n');
      assert.ok(elapsed < 2_500 * context.slow, `the result took ${Math.round(elapsed)} ms`);
      assert.equal(result.outputHeldOpen, true, 'outputHeldOpen');
    },
  },
  {
    id: 'streams/output-not-held',
    contract: 'outputHeldOpen is false when nothing holds the output, also when a background child has let go of it.',
    async run(context) {
      const { id } = await context.start();
      assert.equal((await context.engine.exec(id, ['echo', 'x'])).outputHeldOpen, false, 'no child');
      const result = await context.engine.exec(id, shell('sleep 20 >/dev/null 2>&1 </dev/null & echo x'));
      assert.deepEqual([result.outputHeldOpen, result.stdout], [false, 'x\n']);
    },
  },
];

function fromFormat(format: string): string {
  return format
    .replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    .replaceAll('\\n', '\n')
    .replaceAll('\\r', '\r');
}
