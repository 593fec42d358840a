import assert from 'node:assert/strict';
import type { EnvironmentSpec, ErrorCode, StartEvent } from '@recac/engine-core';
import { assertExited } from '../assert-outcome.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import type { ConformanceContext } from '../conformance-context.ts';
import { expectRejection } from '../expect-rejection.ts';
import { shell } from '../shell-command.ts';
import { keptWorkspaceCases } from './kept-workspaces.ts';
import { lifecycleWatchCases } from './lifecycle-watch.ts';

const phases = ['admit', 'schedule', 'pull', 'start', 'ready'];
const startFailures: readonly ErrorCode[] = [
  'RECAC_ENVIRONMENT_START_FAILED',
  'RECAC_ENVIRONMENT_START_TIMEOUT',
  'RECAC_IMAGE_NOT_FOUND',
  'RECAC_IMAGE_PULL_FAILED',
  'RECAC_WORKSPACE_UNAVAILABLE',
  'RECAC_INVALID_ARGUMENT',
];

/** A specification that passes the first checks and cannot start. */
async function impossibleSpecification(context: ConformanceContext): Promise<EnvironmentSpec> {
  const { images, bindMount } = context.engine.capabilities;
  if (images)
    return context.specification({ image: 'localhost:1/recac-conformance/missing:none', pendingTimeoutMs: 20_000 });
  const hostPath = `${await context.temporaryDirectory()}/missing`;
  return context.specification(bindMount ? { workspace: { type: 'bind', hostPath } } : { pendingTimeoutMs: 1 });
}

/** Cases of group `lifecycle`: start, inspect, stop. */
export const lifecycleCases: readonly ConformanceCase[] = [
  {
    id: 'lifecycle/init',
    contract: 'init tells the backend, its version and where it was found; it is idempotent.',
    async run(context) {
      const first = await context.engine.init();
      const second = await context.engine.init();
      assert.equal(first.backend, context.engine.backend);
      assert.notEqual(first.version, '');
      assert.notEqual(first.endpoint, '');
      assert.deepEqual({ ...second }, { ...first });
    },
  },
  {
    id: 'lifecycle/start-then-exec',
    contract: 'When startEnvironment resolves, a command can run, also on an engine that was never initialised.',
    async run(context) {
      const { id } = await context.start();
      const result = await context.engine.exec(id, ['echo', 'hello']);
      assertExited(result);
      assert.equal(result.stdout, 'hello\n');
    },
  },
  {
    id: 'lifecycle/environment-fields',
    contract: 'A started environment tells its id, session id, name, backend, workspace and time of creation.',
    async run(context) {
      const environment = await context.start();
      assert.notEqual(environment.id, '');
      assert.match(environment.sessionId, /^conformance-/);
      assert.equal(environment.name, `recac-agent-${environment.sessionId}`);
      assert.equal(environment.backend, context.engine.backend);
      assert.match(environment.workspacePath, /^\//);
      assert.ok(Math.abs(environment.createdAt.getTime() - Date.now()) < 300_000, 'createdAt is about now');
    },
  },
  {
    id: 'lifecycle/inspect',
    contract: 'A started environment is Running and shows its labels.',
    async run(context) {
      const environment = await context.start({ labels: { team: 'blue', empty: '' } });
      const status = await context.engine.inspectEnvironment(environment.id);
      const { id, sessionId, name, backend, workspacePath, createdAt, phase } = status;
      assert.deepEqual({ id, sessionId, name, backend, workspacePath, createdAt }, { ...environment });
      assert.equal(phase, 'Running');
      assert.deepEqual({ ...status.labels }, { team: 'blue', empty: '' });
    },
  },
  {
    id: 'lifecycle/list',
    contract: 'listEnvironments gives all environments, the oldest first; a session id filters.',
    async run(context) {
      const started = [await context.start(), await context.start(), await context.start()];
      const ids = new Set(started.map(({ id }) => id));
      const listed = (await context.engine.listEnvironments()).map(({ id }) => id).filter((id) => ids.has(id));
      const times = (await context.engine.listEnvironments()).map(({ createdAt }) => createdAt.getTime());
      assert.deepEqual(listed.toSorted(), [...ids].toSorted());
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
      const [second] = await context.engine.listEnvironments({ sessionId: started[1]?.sessionId ?? '' });
      assert.equal(second?.id, started[1]?.id);
    },
  },
  {
    id: 'lifecycle/start-events',
    contract: 'onEvent tells the phases of the start in their order, and ends with ready.',
    async run(context) {
      const events: StartEvent[] = [];
      await context.engine.startEnvironment(context.specification(), { onEvent: (event) => events.push(event) });
      const order = events.map(({ phase }) => phases.indexOf(phase));
      assert.equal(order.includes(-1), false, 'only known phases');
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      );
      assert.deepEqual([events.at(-1)?.phase, events.at(-1)?.state], ['ready', 'finished']);
      assert.ok(
        events.every(({ elapsedMs }) => elapsedMs >= 0),
        'elapsedMs',
      );
    },
  },
  {
    id: 'lifecycle/odd-session-ids',
    contract: 'Any printable session id names an environment, is given back unchanged, and is apart from similar ones.',
    deadlineMs: 90_000,
    async run(context) {
      const unique = context.specification().sessionId;
      const tails = [
        'Case',
        'case',
        '../../etc',
        '$(id)',
        '--help',
        'ünï',
        'a b',
        'a_b',
        `${'long'.repeat(30)}1`,
        `${'long'.repeat(30)}2`,
      ];
      const started = await Promise.all(
        tails.map((tail) => context.start({ sessionId: `${tail}${unique}`.slice(0, 200) })),
      );
      assert.equal(new Set(started.map(({ name }) => name)).size, tails.length, 'names differ');
      for (const [index, { id, sessionId, name }] of started.entries()) {
        assert.equal(sessionId, `${tails[index]}${unique}`);
        assert.match(name, /^recac-agent-[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
        assert.deepEqual(
          (await context.engine.listEnvironments({ sessionId })).map((status) => status.id),
          [id],
        );
      }
    },
  },
  {
    id: 'lifecycle/same-session-conflicts',
    contract: 'A second start of a living session id is RECAC_ENVIRONMENT_CONFLICT and leaves the first alone.',
    async run(context) {
      const { id, sessionId } = await context.start();
      await expectRejection(
        context.engine.startEnvironment(context.specification({ sessionId })),
        ['RECAC_ENVIRONMENT_CONFLICT'],
        'a second start',
      );
      assertExited(await context.engine.exec(id, ['true']));
    },
  },
  {
    id: 'lifecycle/restart-same-session',
    contract: 'After a stop the session id is free again.',
    async run(context) {
      const { id, sessionId } = await context.start();
      await context.engine.stopEnvironment(id);
      const again = await context.start({ sessionId });
      assertExited(await context.engine.exec(again.id, shell('exit 3')), 3);
    },
  },
  {
    id: 'lifecycle/stop-twice',
    contract: 'A second stop resolves.',
    async run(context) {
      const { id } = await context.start();
      await context.engine.stopEnvironment(id);
      await context.engine.stopEnvironment(id);
    },
  },
  {
    id: 'lifecycle/stop-unknown',
    contract: 'Stopping an id that never existed resolves.',
    async run(context) {
      await context.engine.stopEnvironment('recac-agent-conformance-never-started');
    },
  },
  {
    id: 'lifecycle/failed-start-leaves-nothing',
    contract: 'When startEnvironment rejects, nothing it made remains, and the session id is free.',
    deadlineMs: 120_000,
    async run(context) {
      const specification = await impossibleSpecification(context);
      const { sessionId } = specification;
      await expectRejection(
        context.engine.startEnvironment(specification),
        startFailures,
        'a start that cannot succeed',
      );
      assert.deepEqual(await context.engine.listEnvironments({ sessionId }), []);
      await context.start({ sessionId });
    },
  },
  ...keptWorkspaceCases,
  ...lifecycleWatchCases,
];
