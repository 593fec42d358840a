import assert from 'node:assert/strict';
import { assertBytes, assertExited, assertOutcome } from '../assert-outcome.ts';
import type { BooleanCapability, ConformanceCase } from '../conformance-case.ts';
import type { ConformanceContext } from '../conformance-context.ts';
import { withDeadline } from '../deadline.ts';
import { expectRejection } from '../expect-rejection.ts';
import { handled } from '../handled.ts';
import { shell } from '../shell-command.ts';
import { readBytes, readText, StreamReader } from '../stream-reader.ts';
import { waitUntil } from '../wait-until.ts';

const requires: readonly BooleanCapability[] = ['durableExec'];

/** Writes, waits for the file `go`, writes the rest. */
const waitForGo = 'n=0; while [ ! -e go ] && [ $n -lt 200 ]; do n=$((n+1)); sleep 0.1 2>/dev/null || sleep 1; done';

async function spawnDetached(context: ConformanceContext, script: string): Promise<{ id: string; execId: string }> {
  const { id } = await context.start();
  const handle = await context.engine.spawn(id, shell(script));
  await handle.detach();
  return { id, execId: handle.execId };
}

async function waitForEnd(context: ConformanceContext, id: string, execId: string): Promise<void> {
  const ended = async () =>
    (await context.engine.listExecs(id)).some((info) => info.execId === execId && info.state === 'ended');
  await waitUntil(ended, 15_000 * context.slow, 'the end of the command in listExecs');
}

/** Cases of group `detached`: commands without a client. */
export const detachedCases: readonly ConformanceCase[] = [
  {
    id: 'detached/attach-after-detach',
    contract: 'A detached command goes on; attachExec gives its output from the first byte and its end.',
    requires,
    async run(context) {
      const { id, execId } = await spawnDetached(context, `echo begin; echo err >&2; ${waitForGo}; echo end; exit 11`);
      const handle = await context.engine.attachExec(id, execId);
      assert.deepEqual([handle.execId, handle.environmentId], [execId, id]);
      await context.engine.exec(id, ['touch', 'go']);
      const [stdout, stderr] = await Promise.all([readText(handle.stdout), readText(handle.stderr)]);
      assert.deepEqual([stdout, stderr], ['begin\nend\n', 'err\n']);
      assertExited(await handle.wait(), 11);
    },
  },
  {
    id: 'detached/wait-after-detach',
    contract:
      'wait of a handle that was given up, by detach or by disposing an attached one, rejects with RECAC_ABORTED.',
    requires,
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(id, ['sleep', '20']);
      const attached = await context.engine.attachExec(id, handle.execId);
      const early = handled(attached.wait());
      await attached[Symbol.asyncDispose]();
      await handle.detach();
      for (const waiting of [early, attached.wait(), handle.wait()]) {
        const settled = withDeadline(waiting, 5_000 * context.slow, 'the end of the wait');
        await expectRejection(settled, ['RECAC_ABORTED'], 'wait of a handle that was given up');
      }
    },
  },
  {
    id: 'detached/attach-from-byte',
    contract: 'attachExec delivers each stream from the byte asked for.',
    requires,
    async run(context) {
      const { id, execId } = await spawnDetached(context, 'printf 0123456789; printf abcdefghij >&2');
      await waitForEnd(context, id, execId);
      const handle = await context.engine.attachExec(id, execId, { fromStdoutByte: 4, fromStderrByte: 7 });
      assert.deepEqual([await readText(handle.stdout), await readText(handle.stderr)], ['456789', 'hij']);
      const past = await context.engine.attachExec(id, execId, { fromStdoutByte: 10, fromStderrByte: 10 });
      assert.deepEqual([await readText(past.stdout), await readText(past.stderr)], ['', '']);
    },
  },
  {
    id: 'detached/attach-ended',
    contract: 'A command that has ended can still be attached to, again and again, with its whole output.',
    requires,
    async run(context) {
      const { id, execId } = await spawnDetached(context, 'dd if=/dev/zero bs=1024 count=300 2>/dev/null; exit 12');
      await waitForEnd(context, id, execId);
      for (let round = 0; round < 2; round += 1) {
        const handle = await context.engine.attachExec(id, execId);
        assertBytes(await readBytes(handle.stdout), new Uint8Array(300 * 1_024), 'stdout');
        const end = await handle.wait();
        assertExited(end, 12);
        assert.equal(end.stdoutBytes, 300 * 1_024);
        await handle[Symbol.asyncDispose]();
      }
    },
  },
  {
    id: 'detached/attach-live',
    contract: 'An attached handle follows a running command.',
    requires,
    async run(context) {
      const { id } = await context.start();
      const running = await context.engine.spawn(id, shell(`echo one; ${waitForGo}; echo two`));
      const attached = await context.engine.attachExec(id, running.execId);
      const reader = new StreamReader(attached.stdout, context);
      await reader.until('one\n');
      await context.engine.exec(id, ['touch', 'go']);
      await reader.until('two\n');
      assertExited(await attached.wait());
      assertExited(await running.wait());
    },
  },
  {
    id: 'detached/two-readers',
    contract: 'Every attached handle gets every byte.',
    requires,
    async run(context) {
      const { id, execId } = await spawnDetached(context, `seq 1 3000; ${waitForGo}; seq 3001 6000`);
      const handles = await Promise.all([1, 2, 3].map(() => context.engine.attachExec(id, execId)));
      const reading = handled(Promise.all(handles.map((handle) => readText(handle.stdout))));
      await context.engine.exec(id, ['touch', 'go']);
      const expected = Array.from({ length: 6_000 }, (_, index) => `${index + 1}\n`).join('');
      for (const text of await reading) assert.equal(text, expected);
    },
  },
  {
    id: 'detached/listed-running',
    contract: 'listExecs shows a running command with its id, argv, start and state.',
    requires,
    async run(context) {
      const { id, execId } = await spawnDetached(context, `printf 12345; ${waitForGo}`);
      const recorded = async () => (await context.engine.listExecs(id)).some((info) => info.stdoutBytes === 5);
      await waitUntil(recorded, 10_000 * context.slow, 'stdoutBytes of the running command');
      const [info, ...others] = await context.engine.listExecs(id);
      assert.deepEqual([info?.execId, info?.state, others.length], [execId, 'running', 0]);
      assert.deepEqual([info?.command[0], info?.outcome, info?.stderrBytes], ['sh', undefined, 0]);
      assert.ok(
        info && Math.abs(info.startedAt.getTime() - Date.now()) < 60_000 * context.slow,
        'startedAt is about now',
      );
    },
  },
  {
    id: 'detached/listed-ended',
    contract: 'listExecs shows an ended command with its outcome and the size of its output.',
    requires,
    async run(context) {
      const { id, execId } = await spawnDetached(context, 'printf 123; printf 45 >&2; exit 13');
      await waitForEnd(context, id, execId);
      const info = (await context.engine.listExecs(id)).find((entry) => entry.execId === execId);
      assert.deepEqual({ ...info?.outcome }, { type: 'exited', code: 13 });
      assert.deepEqual([info?.stdoutBytes, info?.stderrBytes], [3, 2]);
    },
  },
  {
    id: 'detached/listed-oldest-first',
    contract: 'listExecs gives the oldest command first.',
    requires,
    async run(context) {
      const { id } = await context.start();
      const started: string[] = [];
      for (let index = 0; index < 4; index += 1) {
        const handle = await context.engine.spawn(id, ['sleep', '20']);
        started.push(handle.execId);
        await handle.detach();
      }
      assert.deepEqual(
        (await context.engine.listExecs(id)).map(({ execId }) => execId),
        started,
      );
    },
  },
  {
    id: 'detached/collected-not-listed',
    contract: 'A command whose result exec has collected leaves no record.',
    requires,
    async run(context) {
      const { id } = await context.start();
      const { execId } = await context.engine.exec(id, ['echo', 'x']);
      const gone = async () => !(await context.engine.listExecs(id)).some((info) => info.execId === execId);
      await waitUntil(gone, 5_000 * context.slow, 'the removal of the record');
      await expectRejection(
        context.engine.attachExec(id, execId),
        ['RECAC_EXEC_NOT_FOUND'],
        'attach to a collected command',
      );
    },
  },
  {
    id: 'detached/signal-and-cancel',
    contract: 'An attached handle signals and cancels the command.',
    requires,
    async run(context) {
      const { id, execId } = await spawnDetached(context, `trap 'echo usr1' USR1; echo ready; ${waitForGo}`);
      const handle = await context.engine.attachExec(id, execId);
      const reader = new StreamReader(handle.stdout, context);
      await reader.until('ready\n');
      await handle.signal('SIGUSR1');
      await reader.until('usr1\n');
      await handle.cancel();
      assertOutcome(await handle.wait(), { type: 'cancelled' });
    },
  },
  {
    id: 'detached/dispose-attached',
    contract: 'Disposing an attached handle leaves the command alone.',
    requires,
    async run(context) {
      const { id, execId } = await spawnDetached(context, `${waitForGo}; exit 14`);
      await (await context.engine.attachExec(id, execId))[Symbol.asyncDispose]();
      await context.engine.exec(id, ['touch', 'go']);
      assertExited(await (await context.engine.attachExec(id, execId)).wait(), 14);
    },
  },
  {
    id: 'detached/dispose-spawned',
    contract: 'Disposing the handle of spawn cancels what still runs.',
    requires,
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(id, shell(`${waitForGo}; exit 15`));
      await handle[Symbol.asyncDispose]();
      assertOutcome(await handle.wait(), { type: 'cancelled' });
    },
  },
];
