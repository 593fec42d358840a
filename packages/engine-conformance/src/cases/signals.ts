import assert from 'node:assert/strict';
import { assertExited, assertOutcome } from '../assert-outcome.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { withDeadline } from '../deadline.ts';
import { expectInvalid } from '../expect-rejection.ts';
import { shell } from '../shell-command.ts';
import { StreamReader } from '../stream-reader.ts';
import { assertTickingStopped, tickFunction } from '../ticking.ts';

/** Waits about half a minute in short steps, so that a trap runs soon. */
const waitInSteps = 'n=0; while [ $n -lt 300 ]; do n=$((n+1)); sleep 0.1 2>/dev/null || sleep 1; done';

/** Cases of group `signals`: deaths by signal, and signals sent. */
export const signalsCases: readonly ConformanceCase[] = [
  {
    id: 'signals/death-is-signaled',
    contract: 'A command that a signal ends has the outcome signaled with the name of the signal.',
    async run(context) {
      const { id } = await context.start();
      for (const name of ['KILL', 'TERM', 'SEGV', 'ABRT', 'HUP', 'USR1']) {
        const result = await context.engine.exec(id, shell(`ulimit -c 0 2>/dev/null; kill -${name} $$; sleep 5`));
        assertOutcome(result, { type: 'signaled', signal: `SIG${name}` });
      }
    },
  },
  {
    id: 'signals/exit-code-of-signal',
    contract: 'exitCode of a command that a signal ended is 128 and the number of the signal.',
    async run(context) {
      const { id } = await context.start();
      const codes: number[] = [];
      for (const name of ['KILL', 'TERM', 'ABRT'])
        codes.push((await context.engine.exec(id, shell(`ulimit -c 0 2>/dev/null; kill -${name} $$`))).exitCode);
      assert.deepEqual(codes, [137, 143, 134]);
    },
  },
  {
    id: 'signals/exit-137-is-exited',
    contract: 'A command that exits with 128 and more by itself is exited, not signaled.',
    async run(context) {
      const { id } = await context.start();
      for (const code of [129, 130, 137, 139, 141, 143])
        assertExited(await context.engine.exec(id, shell(`exit ${code}`)), code);
    },
  },
  {
    id: 'signals/delivered',
    contract: 'signal() delivers the signal to the command, whose trap decides what happens.',
    async run(context) {
      const { id } = await context.start();
      const script = `trap 'echo usr1' USR1; trap 'echo int; exit 3' INT; echo ready; ${waitInSteps}`;
      const handle = await context.engine.spawn(id, shell(script));
      const reader = new StreamReader(handle.stdout, context);
      await reader.until('ready\n');
      await handle.signal('SIGUSR1');
      await reader.until('usr1\n');
      await handle.signal('SIGINT');
      await reader.until('int\n');
      assertExited(await handle.wait(), 3);
    },
  },
  {
    id: 'signals/default-action',
    contract:
      'A command starts with the default action for SIGINT, SIGQUIT, SIGTERM and SIGHUP; one that signal() ends is signaled.',
    async run(context) {
      const { id } = await context.start();
      for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP']) {
        const handle = await context.engine.spawn(id, shell('ulimit -c 0 2>/dev/null; echo ready; exec sleep 30'));
        await new StreamReader(handle.stdout, context).until('ready\n');
        await handle.signal(signal);
        assertOutcome(await withDeadline(handle.wait(), 10_000 * context.slow, `the end by ${signal}`), {
          type: 'signaled',
          signal,
        });
      }
    },
  },
  {
    id: 'signals/pipe-default-action',
    contract: 'A command starts with the default action for SIGPIPE.',
    async run(context) {
      const { id } = await context.start();
      const result = await context.engine.exec(id, shell('(yes 2>/dev/null; echo $? >&2) | head -n 1'));
      assert.deepEqual([result.stdout, result.stderr], ['y\n', '141\n']);
    },
  },
  {
    id: 'signals/reaches-group',
    contract: "signal() reaches the whole process group, the command's children too.",
    slow: true,
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(id, shell(`${tickFunction} tick ticks & echo ready; wait`));
      await new StreamReader(handle.stdout, context).until('ready\n');
      await context.engine.exec(id, ['sleep', '1']);
      await handle.signal('SIGTERM');
      assertOutcome(await handle.wait(), { type: 'signaled', signal: 'SIGTERM' });
      await assertTickingStopped(context.engine, id, 'ticks');
    },
  },
  {
    id: 'signals/after-the-end',
    contract: 'signal() after the end does nothing and does not reject.',
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(id, shell('exit 5'));
      assertExited(await handle.wait(), 5);
      await handle.signal('SIGTERM');
      assertExited(await handle.wait(), 5);
    },
  },
  {
    id: 'signals/unknown-name',
    contract: 'signal() with a name that is no signal rejects with RECAC_INVALID_ARGUMENT and sends nothing.',
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(id, shell('read line; exit 4'), { stdin: 'pipe' });
      for (const name of ['SIGNOPE', '', '9; touch ran', 'sigkill ', 'SIG'])
        await expectInvalid(handle.signal(name), JSON.stringify(name));
      await handle.write('\n');
      assertExited(await handle.wait(), 4);
    },
  },
];
