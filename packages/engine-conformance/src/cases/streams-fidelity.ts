import assert from 'node:assert/strict';
import { assertBytes, assertExited } from '../assert-outcome.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { digest, digestInside, randomFile } from '../digest.ts';
import { shell } from '../shell-command.ts';

/** A printf format that writes every byte from 0 to 255. */
const everyByte = Array.from({ length: 256 }, (_, byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');

/** Cases of group `streams`: bytes arrive apart, complete, in order. */
export const streamFidelityCases: readonly ConformanceCase[] = [
  {
    id: 'streams/stdout-and-stderr-apart',
    contract: 'stdout and stderr come back apart.',
    async run(context) {
      const { id } = await context.start();
      const result = await context.engine.exec(id, shell('echo out; echo err >&2; echo out2; echo err2 >&2'));
      assertExited(result);
      assert.deepEqual(
        { stdout: result.stdout, stderr: result.stderr },
        { stdout: 'out\nout2\n', stderr: 'err\nerr2\n' },
      );
      assert.deepEqual([result.stdoutBytes, result.stderrBytes], [9, 9]);
    },
  },
  {
    id: 'streams/every-byte',
    contract: 'Output is exact for every byte from 0 to 255, on both streams.',
    async run(context) {
      const { id } = await context.start();
      const expected = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const result = await context.engine.exec(id, shell('printf "$1"; printf "$1$1" >&2', everyByte));
      assertBytes(result.stdoutData, expected, 'stdout');
      assertBytes(result.stderrData, Buffer.concat([expected, expected]), 'stderr');
    },
  },
  {
    id: 'streams/random-megabyte',
    contract: 'Binary output equals what the command read, by a checksum computed inside.',
    async run(context) {
      const { id } = await context.start();
      assertExited(await context.engine.exec(id, randomFile('blob', 1)));
      const result = await context.engine.exec(id, shell('cat blob; cat blob >&2'));
      const expected = await digestInside(context.engine, id, 'blob');
      assert.deepEqual([digest(result.stdoutData), digest(result.stderrData)], [expected, expected]);
    },
  },
  {
    id: 'streams/large-exact',
    contract: '32 MiB of output arrive complete and in order.',
    slow: true,
    deadlineMs: 120_000,
    async run(context) {
      const { id } = await context.start();
      assertExited(await context.engine.exec(id, randomFile('blob', 32)));
      const result = await context.engine.exec(id, ['cat', 'blob'], { maxOutputBytes: 33 * 2 ** 20 });
      assertExited(result);
      assert.deepEqual(
        [result.stdoutBytes, result.stdoutData.length, result.truncated],
        [32 * 2 ** 20, 32 * 2 ** 20, false],
      );
      assert.equal(result.droppedBytes, 0);
      assert.equal(digest(result.stdoutData), await digestInside(context.engine, id, 'blob'));
    },
  },
  {
    id: 'streams/many-small-writes',
    contract: 'Thousands of small writes arrive complete and in order.',
    async run(context) {
      const { id } = await context.start();
      const result = await context.engine.exec(
        id,
        shell('n=0; while [ $n -lt 5000 ]; do echo $n; echo e$n >&2; n=$((n+1)); done'),
      );
      const numbers = Array.from({ length: 5_000 }, (_, index) => index);
      assert.equal(result.stdout, numbers.map((number) => `${number}\n`).join(''));
      assert.equal(result.stderr, numbers.map((number) => `e${number}\n`).join(''));
    },
  },
  {
    id: 'streams/dev-stdout',
    contract: 'Writing to /dev/stdout and /dev/stderr behaves as in a pipe: nothing is truncated.',
    requires: ['durableExec'],
    async run(context) {
      const { id } = await context.start();
      const script =
        'echo a; echo b >/dev/stdout; echo c; echo d >&2; echo e >/dev/stderr; echo f >&2; sh -c "echo g >/dev/stdout"; echo h';
      const result = await context.engine.exec(id, shell(script));
      assert.deepEqual([result.stdout, result.stderr], ['a\nb\nc\ng\nh\n', 'd\ne\nf\n']);
    },
  },
  {
    id: 'streams/tee-dev-stderr',
    contract: 'tee to /dev/stderr or /dev/stdout behaves as in a pipe.',
    requires: ['durableExec'],
    async run(context) {
      const { id } = await context.start();
      const result = await context.engine.exec(
        id,
        shell('echo 1 >&2; echo x | tee /dev/stderr; echo 2 >&2; echo y | tee /dev/stdout'),
      );
      assert.deepEqual([result.stdout, result.stderr], ['x\ny\ny\n', '1\nx\n2\n']);
    },
  },
  {
    id: 'streams/proc-self-fd',
    contract: 'Opening /proc/self/fd/1 again behaves as in a pipe.',
    requires: ['durableExec'],
    async run(context) {
      const { id } = await context.start();
      const script =
        'p=/proc/self/fd; [ -e $p/1 ] || p=/dev/fd; echo a; echo b >$p/1; echo c >>$p/1; echo d; echo e >$p/2; echo f >&2';
      const result = await context.engine.exec(id, shell(script));
      assert.deepEqual([result.stdout, result.stderr], ['a\nb\nc\nd\n', 'e\nf\n']);
    },
  },
  {
    id: 'streams/invalid-utf8',
    contract: 'stdoutData and stderrData have the bytes as they are; the text has a replacement for what is not UTF-8.',
    async run(context) {
      const { id } = await context.start();
      const result = await context.engine.exec(id, shell("printf 'a\\377b'; printf '\\303' >&2"));
      assertBytes(result.stdoutData, Uint8Array.of(0x61, 0xff, 0x62), 'stdout');
      assertBytes(result.stderrData, Uint8Array.of(0xc3), 'stderr');
      assert.deepEqual([result.stdout, result.stderr], ['a\ufffdb', '\ufffd']);
    },
  },
  {
    id: 'streams/split-code-point',
    contract: 'A character written in two pieces is decoded as one.',
    slow: true,
    async run(context) {
      const { id } = await context.start();
      const result = await context.engine.exec(id, shell("printf '\\342'; sleep 1; printf '\\202\\254'"));
      assert.equal(result.stdout, '€');
      const many = await context.engine.exec(
        id,
        shell('printf x; n=0; while [ $n -lt 40000 ]; do printf é; n=$((n+1)); done'),
      );
      assert.equal(many.stdout, `x${'é'.repeat(40_000)}`);
    },
  },
  {
    id: 'streams/no-newline',
    contract: 'Megabytes without a newline arrive, and so does a last line without one.',
    async run(context) {
      const { id } = await context.start();
      const script = "dd if=/dev/zero bs=65536 count=64 2>/dev/null | tr '\\000' x; printf end";
      const { stdoutData } = await context.engine.exec(id, shell(script));
      assert.equal(stdoutData.length, 64 * 65_536 + 3);
      assert.equal(Buffer.from(stdoutData.subarray(-5)).toString(), 'xxend');
    },
  },
];
