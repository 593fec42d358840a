import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertExited } from '../assert-outcome.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { withDeadline } from '../deadline.ts';
import { digest, digestInside, randomFile } from '../digest.ts';
import { createGate } from '../gate.ts';
import { handled } from '../handled.ts';
import { shell } from '../shell-command.ts';
import { readBytes } from '../stream-reader.ts';

const countLines = 'n=0; while [ $n -lt 2000 ]; do echo "line $n"; n=$((n+1)); done';
const lines = Array.from({ length: 2_000 }, (_, index) => `line ${index}\n`).join('');

/** Cases of group `streams`: limits, live delivery and slow readers. */
export const streamLimitCases: readonly ConformanceCase[] = [
  {
    id: 'streams/cap-exact-prefix',
    contract: 'Output beyond maxOutputBytes is cut to the exact prefix, counted, and called truncated.',
    async run(context) {
      const { id } = await context.start();
      const result = await context.engine.exec(id, shell(`${countLines}; exit 9`), { maxOutputBytes: 1_000 });
      assertExited(result, 9);
      assert.equal(result.stdout, lines.slice(0, 1_000));
      assert.deepEqual([result.truncated, result.stdoutBytes], [true, lines.length]);
    },
  },
  {
    id: 'streams/cap-per-stream',
    contract: 'maxOutputBytes counts for each stream by itself.',
    async run(context) {
      const { id } = await context.start();
      const result = await context.engine.exec(id, shell(`echo short; { ${countLines}; } >&2`), { maxOutputBytes: 50 });
      assert.deepEqual([result.stdout, result.stderr, result.truncated], ['short\n', lines.slice(0, 50), true]);
      assert.deepEqual([result.stdoutBytes, result.stderrBytes], [6, lines.length]);
    },
  },
  {
    id: 'streams/cap-not-reached',
    contract: 'Output of exactly maxOutputBytes is complete and not truncated.',
    async run(context) {
      const { id } = await context.start();
      const exact = await context.engine.exec(id, ['printf', '12345'], { maxOutputBytes: 5 });
      assert.deepEqual([exact.stdout, exact.truncated, exact.stdoutBytes], ['12345', false, 5]);
      const nothing = await context.engine.exec(id, ['printf', '12345'], { maxOutputBytes: 0 });
      assert.deepEqual([nothing.stdout, nothing.truncated, nothing.stdoutBytes], ['', true, 5]);
    },
  },
  {
    id: 'streams/callbacks-complete',
    contract: 'onStdout and onStderr get every byte once and in order.',
    async run(context) {
      const { id } = await context.start();
      const pieces: { stdout: Uint8Array[]; stderr: Uint8Array[] } = { stdout: [], stderr: [] };
      const result = await context.engine.exec(id, shell(`${countLines}; { ${countLines}; } >&2`), {
        onStdout: (chunk) => void pieces.stdout.push(Uint8Array.from(chunk)),
        onStderr: (chunk) => void pieces.stderr.push(Uint8Array.from(chunk)),
      });
      assertExited(result);
      assert.equal(Buffer.concat(pieces.stdout).toString(), lines);
      assert.equal(Buffer.concat(pieces.stderr).toString(), lines);
    },
  },
  {
    id: 'streams/live',
    contract: 'Output arrives while the command runs.',
    slow: true,
    async run(context) {
      const { id } = await context.start();
      const first = createGate();
      const running = handled(
        context.engine.exec(
          id,
          shell('echo early; n=0; while [ ! -e go ] && [ $n -lt 20 ]; do n=$((n+1)); sleep 1; done; [ -e go ]'),
          {
            onStdout: () => first.open(),
          },
        ),
      );
      await withDeadline(first.opened, 4_000 * context.slow, 'the first output');
      assertExited(await context.engine.exec(id, ['touch', 'go']));
      assertExited(await running);
    },
  },
  {
    id: 'streams/callback-holds-back',
    contract: 'A promise returned by onStdout holds back the next piece.',
    async run(context) {
      const { id } = await context.start();
      let busy = false;
      let overlaps = 0;
      await context.engine.exec(
        id,
        shell('for n in 1 2 3; do dd if=/dev/zero bs=65536 count=4 2>/dev/null; sleep 0.1 2>/dev/null; done'),
        {
          onStdout: async () => {
            if (busy) overlaps += 1;
            busy = true;
            await sleep(20);
            busy = false;
          },
        },
      );
      assert.equal(overlaps, 0);
    },
  },
  {
    id: 'streams/slow-reader',
    contract: 'A reader that does not read never holds up the command, and then finds every byte.',
    deadlineMs: 60_000,
    requires: ['durableExec'],
    async run(context) {
      const { id } = await context.start();
      assertExited(await context.engine.exec(id, randomFile('blob', 8)));
      const handle = await context.engine.spawn(id, ['cat', 'blob']);
      const end = await withDeadline(handle.wait(), 20_000 * context.slow, 'a command whose output nobody reads');
      assertExited(end);
      assert.equal(end.stdoutBytes, 8 * 2 ** 20);
      assert.equal(digest(await readBytes(handle.stdout)), await digestInside(context.engine, id, 'blob'));
    },
  },
  {
    id: 'streams/slow-stdout-reader-fast-stderr',
    contract: 'Not reading one stream does not hold up the other.',
    requires: ['durableExec'],
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(
        id,
        shell('dd if=/dev/zero bs=65536 count=32 2>/dev/null; echo reached >&2'),
      );
      const stderr = await withDeadline(readBytes(handle.stderr), 15_000 * context.slow, 'stderr');
      assert.equal(Buffer.from(stderr).toString(), 'reached\n');
      assert.equal((await readBytes(handle.stdout)).length, 32 * 65_536);
      assertExited(await handle.wait());
    },
  },
];
