import assert from 'node:assert/strict';
import { assertExited, assertOutcome } from '../assert-outcome.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { digest, digestInside, randomFile } from '../digest.ts';
import { expectRejection } from '../expect-rejection.ts';
import { handled } from '../handled.ts';
import { shell } from '../shell-command.ts';
import { readBytes, readText, StreamReader } from '../stream-reader.ts';

const waitForGo = 'n=0; while [ ! -e go ] && [ $n -lt 200 ]; do n=$((n+1)); sleep 0.1 2>/dev/null || sleep 1; done';

/** Cases of group `reattach`: another engine object sees and does the same. */
export const reattachCases: readonly ConformanceCase[] = [
  {
    id: 'reattach/other-engine-lists',
    contract: 'Another engine lists and inspects the environment with all that is known about it.',
    async run(context) {
      const environment = await context.start({ labels: { team: 'blue' } });
      const other = await context.otherEngine();
      const listed = (await other.listEnvironments()).find(({ id }) => id === environment.id);
      const inspected = await other.inspectEnvironment(environment.id);
      for (const status of [listed, inspected]) {
        assert.deepEqual(
          [status?.sessionId, status?.name, status?.workspacePath],
          [environment.sessionId, environment.name, environment.workspacePath],
        );
        assert.deepEqual([status?.phase, status?.labels.team], ['Running', 'blue']);
        assert.equal(status?.createdAt.getTime(), environment.createdAt.getTime());
      }
    },
  },
  {
    id: 'reattach/other-engine-execs',
    contract: 'Another engine runs commands in the environment, with its variables and workspace.',
    async run(context) {
      const { id } = await context.start({ environmentVariables: { RECAC_SHARED: 'yes' } });
      await context.engine.exec(id, shell('echo content >file'));
      const other = await context.otherEngine();
      const result = await other.exec(id, shell('echo "$RECAC_SHARED"; cat file'));
      assert.equal(result.stdout, 'yes\ncontent\n');
    },
  },
  {
    id: 'reattach/other-engine-attach',
    contract: 'Another engine attaches in the middle of the output and gets every byte from the first.',
    requires: ['durableExec'],
    async run(context) {
      const { id } = await context.start();
      assertExited(await context.engine.exec(id, randomFile('blob', 2)));
      const handle = await context.engine.spawn(
        id,
        shell(
          `dd if=blob bs=65536 count=10 2>/dev/null; echo half >&2; ${waitForGo}; dd if=blob bs=65536 skip=10 2>/dev/null; exit 21`,
        ),
      );
      await new StreamReader(handle.stderr, context).until('half\n');
      const other = await context.otherEngine();
      const attached = await other.attachExec(id, handle.execId);
      const reading = handled(readBytes(attached.stdout));
      await other.exec(id, ['touch', 'go']);
      assert.equal(digest(await reading), await digestInside(other, id, 'blob'));
      assertExited(await attached.wait(), 21);
      assertExited(await handle.wait(), 21);
    },
  },
  {
    id: 'reattach/close-leaves-running',
    contract: 'After close, commands and environments go on; a new engine attaches and misses nothing.',
    requires: ['durableExec'],
    async run(context) {
      const first = await context.otherEngine();
      const { id } = await context.start({}, first);
      const handle = await first.spawn(id, shell(`seq 1 2000; ${waitForGo}; seq 2001 4000; exit 22`));
      await new StreamReader(handle.stdout, context).until('\n1000\n');
      await handle.detach();
      await first.close();
      assert.equal((await context.engine.inspectEnvironment(id)).phase, 'Running');
      assert.deepEqual(
        (await context.engine.listExecs(id)).map(({ execId, state }) => [execId, state]),
        [[handle.execId, 'running']],
      );
      const attached = await context.engine.attachExec(id, handle.execId);
      await context.engine.exec(id, ['touch', 'go']);
      assert.equal(
        await readText(attached.stdout),
        Array.from({ length: 4_000 }, (_, index) => `${index + 1}\n`).join(''),
      );
      assertExited(await attached.wait(), 22);
    },
  },
  {
    id: 'reattach/other-engine-signals',
    contract: 'Another engine signals a running command.',
    requires: ['durableExec'],
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(id, shell(`trap 'echo int; exit 23' INT; echo ready; ${waitForGo}`));
      await new StreamReader(handle.stdout, context).until('ready\n');
      const attached = await (await context.otherEngine()).attachExec(id, handle.execId);
      await attached.signal('SIGINT');
      assertExited(await handle.wait(), 23);
      assertExited(await attached.wait(), 23);
    },
  },
  {
    id: 'reattach/other-engine-cancels',
    contract: 'A command that another engine cancels is cancelled for everyone.',
    requires: ['durableExec'],
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(id, ['sleep', '30']);
      const attached = await (await context.otherEngine()).attachExec(id, handle.execId);
      await attached.cancel();
      assertOutcome(await attached.wait(), { type: 'cancelled' });
      assertOutcome(await handle.wait(), { type: 'cancelled' });
    },
  },
  {
    id: 'reattach/other-engine-stops',
    contract: 'Another engine stops the environment; the first then finds it gone.',
    async run(context) {
      const { id, sessionId } = await context.start();
      await context.engine.exec(id, ['true']);
      await (await context.otherEngine()).stopEnvironment(id);
      await expectRejection(context.engine.exec(id, ['true']), ['RECAC_ENVIRONMENT_NOT_FOUND'], 'exec after the stop');
      assert.deepEqual(await context.engine.listEnvironments({ sessionId }), []);
    },
  },
  {
    id: 'reattach/other-engine-conflicts',
    contract: 'A session id that lives is taken for another engine too.',
    async run(context) {
      const { sessionId } = await context.start();
      const other = await context.otherEngine();
      await expectRejection(
        other.startEnvironment(context.specification({ sessionId })),
        ['RECAC_ENVIRONMENT_CONFLICT'],
        'a second start',
      );
    },
  },
];
