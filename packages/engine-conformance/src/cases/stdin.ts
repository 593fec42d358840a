import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertBytes, assertExited } from '../assert-outcome.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { withDeadline } from '../deadline.ts';
import { digest } from '../digest.ts';
import { expectRejection } from '../expect-rejection.ts';
import { shell } from '../shell-command.ts';
import { readText, StreamReader } from '../stream-reader.ts';
import { existsInside } from '../ticking.ts';
import { waitUntil } from '../wait-until.ts';

async function* slowly(pieces: readonly (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  for (const piece of pieces) {
    await sleep(20);
    yield piece;
  }
}

/** Cases of group `stdin`: what a command reads. */
export const stdinCases: readonly ConformanceCase[] = [
  {
    id: 'stdin/empty-by-default',
    contract: 'The stdin of a command is empty unless something is given.',
    async run(context) {
      const { id } = await context.start();
      const result = await context.engine.exec(id, ['cat']);
      assertExited(result);
      assert.equal(result.stdoutBytes, 0);
      const handle = await context.engine.spawn(id, ['cat']);
      assertExited(await withDeadline(handle.wait(), 10_000 * context.slow, 'cat on an empty stdin'));
    },
  },
  {
    id: 'stdin/every-byte',
    contract: 'stdin is exact for every byte from 0 to 255.',
    async run(context) {
      const { id } = await context.start();
      const sent = Uint8Array.from({ length: 512 }, (_, index) => index % 256);
      const result = await context.engine.exec(id, ['cat'], { stdin: sent });
      assertBytes(result.stdoutData, sent, 'stdin');
    },
  },
  {
    id: 'stdin/text',
    contract: 'A string is sent as UTF-8, without anything added.',
    async run(context) {
      const { id } = await context.start();
      for (const sent of ['é🦊', 'no newline', 'a\nb\n', '\n', "EOF\n'\n$HOME\n", '']) {
        const result = await context.engine.exec(id, ['cat'], { stdin: sent });
        assert.equal(result.stdout, sent);
      }
    },
  },
  {
    id: 'stdin/large-exact',
    contract: '8 MiB of stdin arrive complete and in order.',
    slow: true,
    deadlineMs: 120_000,
    async run(context) {
      const { id } = await context.start();
      const sent = randomBytes(8 * 2 ** 20);
      const result = await context.engine.exec(id, ['sha256sum'], { stdin: sent });
      assertExited(result);
      assert.equal(result.stdout.slice(0, 64), digest(sent));
    },
  },
  {
    id: 'stdin/async-iterable',
    contract: 'stdin may be an AsyncIterable of bytes and text; its end is the end of file.',
    async run(context) {
      const { id } = await context.start();
      const pieces = [Buffer.from('one\n'), '', 'zwölf\n', Buffer.from('three')];
      const result = await context.engine.exec(id, ['cat'], { stdin: slowly(pieces) });
      assertExited(result);
      assert.equal(result.stdout, 'one\nzwölf\nthree');
    },
  },
  {
    id: 'stdin/both-ways',
    contract: 'A filter reads and writes megabytes at once without a standstill.',
    deadlineMs: 60_000,
    async run(context) {
      const { id } = await context.start();
      const sent = randomBytes(2 * 2 ** 20);
      const result = await context.engine.exec(id, ['cat'], { stdin: sent });
      assertBytes(result.stdoutData, sent, 'stdout of cat');
    },
  },
  {
    id: 'stdin/end-seen',
    contract: 'The command sees the end of file that end() says.',
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(id, shell('cat; echo "[end]"'), { stdin: 'pipe' });
      await handle.write('text');
      await handle.end();
      assert.equal(await withDeadline(readText(handle.stdout), 10_000 * context.slow, 'the end of cat'), 'text[end]\n');
      assertExited(await handle.wait());
    },
  },
  {
    id: 'stdin/no-early-end',
    contract: 'The command never sees an end of file that was not said with end().',
    slow: true,
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(id, shell('cat >got; touch ended'), { stdin: 'pipe' });
      await handle.write('first');
      await sleep(1_500);
      assert.equal(await existsInside(context.engine, id, 'ended'), false, 'no end of file yet');
      await handle.write(' second');
      await handle.end();
      assertExited(await handle.wait());
      assert.equal((await context.engine.exec(id, ['cat', 'got'])).stdout, 'first second');
    },
  },
  {
    id: 'stdin/lost-client',
    contract: 'When a client is gone before it said the end, stdin stays open (hold, the default) or ends (end).',
    requires: ['durableExec'],
    slow: true,
    async run(context) {
      const { id } = await context.start();
      const client = await context.otherEngine();
      for (const [name, options] of [
        ['default', {}],
        ['hold', { lostStdin: 'hold' }],
        ['end', { lostStdin: 'end' }],
      ] as const) {
        const command = shell('cat >"got-$1"; touch "ended-$1"', name);
        const handle = await client.spawn(id, command, { stdin: 'pipe', ...options });
        await handle.write('text');
      }
      await client.close();
      const hasEnded = (name: string) => existsInside(context.engine, id, `ended-${name}`);
      await waitUntil(() => hasEnded('end'), 10_000 * context.slow, 'the end of a stdin that ends with its client');
      await sleep(1_000);
      assert.deepEqual([await hasEnded('default'), await hasEnded('hold')], [false, false], 'no end of file was said');
      assert.equal((await context.engine.exec(id, shell('cat got-default got-hold got-end'))).stdout, 'texttexttext');
    },
  },
  {
    id: 'stdin/conversation',
    contract: 'What is written arrives before the end, so that a command can answer line by line.',
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(id, shell('while read -r line; do echo "got $line"; done; exit 2'), {
        stdin: 'pipe',
      });
      const reader = new StreamReader(handle.stdout, context);
      for (const word of ['one', 'two', 'three']) {
        await handle.write(`${word}\n`);
        await reader.until(`got ${word}\n`);
      }
      await handle.end();
      assert.equal(Buffer.from(await reader.rest()).toString(), 'got one\ngot two\ngot three\n');
      assertExited(await handle.wait(), 2);
    },
  },
  {
    id: 'stdin/many-writes',
    contract: 'Many writes arrive in order and byte for byte.',
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(id, ['sha256sum'], { stdin: 'pipe' });
      const pieces = Array.from({ length: 150 }, (_, index) => randomBytes(1 + ((index * 37) % 3_000)));
      for (const piece of pieces) await handle.write(piece);
      await handle.end();
      assert.equal((await readText(handle.stdout)).slice(0, 64), digest(Buffer.concat(pieces)));
      assertExited(await handle.wait());
    },
  },
  {
    id: 'stdin/end-twice',
    contract: 'end() is idempotent.',
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(id, ['cat'], { stdin: 'pipe' });
      await handle.end();
      await handle.end();
      assertExited(await handle.wait());
      await handle.end();
    },
  },
  {
    id: 'stdin/write-after-end',
    contract: 'write after end() rejects with RECAC_INVALID_ARGUMENT or RECAC_EXEC_FAILED.',
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(id, ['cat'], { stdin: 'pipe' });
      await handle.write('kept');
      await handle.end();
      await expectRejection(handle.write('lost'), ['RECAC_INVALID_ARGUMENT', 'RECAC_EXEC_FAILED'], 'write after end');
      assert.equal(await readText(handle.stdout), 'kept');
      assertExited(await handle.wait());
    },
  },
  {
    id: 'stdin/write-without-pipe',
    contract: "write without stdin: 'pipe' rejects with RECAC_INVALID_ARGUMENT or RECAC_EXEC_FAILED.",
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(id, ['sleep', '20']);
      await expectRejection(handle.write('x'), ['RECAC_INVALID_ARGUMENT', 'RECAC_EXEC_FAILED'], 'write without a pipe');
      await handle.cancel();
    },
  },
  {
    id: 'stdin/ignored',
    contract: 'A command that does not read its stdin, or not all of it, ends with its own code.',
    async run(context) {
      const { id } = await context.start();
      const stdin = new Uint8Array(2 * 2 ** 20).fill(0x61);
      const ignoring = context.engine.exec(id, shell('exit 6'), { stdin });
      assertExited(await withDeadline(ignoring, 15_000 * context.slow, 'a command that ignores its stdin'), 6);
      const reading = context.engine.exec(id, shell('dd bs=3 count=1 2>/dev/null; exit 7'), { stdin });
      const result = await withDeadline(reading, 15_000 * context.slow, 'a command that reads three bytes');
      assertExited(result, 7);
      assert.equal(result.stdout, 'aaa');
    },
  },
];
