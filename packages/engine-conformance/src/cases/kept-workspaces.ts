import assert from 'node:assert/strict';
import type { KeptWorkspace } from '@recac/engine-core';
import { assertExited } from '../assert-outcome.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import type { ConformanceContext } from '../conformance-context.ts';
import { expectRejection } from '../expect-rejection.ts';
import { shell } from '../shell-command.ts';
import { waitUntil } from '../wait-until.ts';

async function findKept({ engine }: ConformanceContext, sessionId: string): Promise<readonly KeptWorkspace[]> {
  return (await engine.listKeptWorkspaces()).filter((kept) => kept.sessionId === sessionId);
}

/** Lets an environment end by its lease, with a file in its workspace. */
async function abandon(context: ConformanceContext): Promise<KeptWorkspace> {
  const lost = await context.otherEngine();
  const specification = { workspace: { type: 'scratch', outlives: true }, leaseMs: 3_000 } as const;
  const { id, sessionId, keptWorkspaceId } = await context.start(specification, lost);
  assertExited(await lost.exec(id, shell('umask 022; mkdir deep; echo work >deep/file')));
  assert.deepEqual(await findKept(context, sessionId), [], 'the workspace of a living environment is no kept one');
  await lost.close();
  const isGone = async (): Promise<boolean> => (await context.engine.listEnvironments({ sessionId })).length === 0;
  await waitUntil(isGone, 30_000 * context.slow, 'the end of the lease');
  const [kept] = await findKept(context, sessionId);
  assert.ok(kept !== undefined, 'the workspace is kept');
  assert.equal(kept.id, keptWorkspaceId, 'the environment told the id before');
  return kept;
}

/** Cases of group `lifecycle` about workspaces that outlive their environments. */
export const keptWorkspaceCases: readonly ConformanceCase[] = [
  {
    id: 'lifecycle/kept-workspace',
    contract:
      'A workspace that outlives its environment is there when the lease has ended it, and another environment can be started over it.',
    requires: ['keptWorkspaces'],
    slow: true,
    async run(context) {
      const { id: keptId, sessionId } = await abandon(context);
      const { id } = await context.start({ sessionId, workspace: { type: 'kept', id: keptId } });
      assert.equal((await context.engine.exec(id, ['cat', 'deep/file'])).stdout, 'work\n');
      assertExited(await context.engine.exec(id, shell('echo more >>deep/file')));
      const again = context.specification({ workspace: { type: 'kept', id: keptId } });
      await expectRejection(
        context.engine.removeKeptWorkspace(keptId),
        ['RECAC_ENVIRONMENT_CONFLICT'],
        'removing the workspace of a living environment',
      );
      await context.engine.stopEnvironment(id);
      assert.equal((await findKept(context, sessionId)).length, 1, 'a stop leaves what was kept before');
      await context.engine.removeKeptWorkspace(keptId);
      assert.deepEqual(await findKept(context, sessionId), []);
      await expectRejection(
        context.engine.startEnvironment(again),
        ['RECAC_WORKSPACE_UNAVAILABLE'],
        'a start over a workspace that is gone',
      );
    },
  },
  {
    id: 'lifecycle/kept-workspace-removed',
    contract: 'A kept workspace can be removed, more than once, and a stop leaves none.',
    requires: ['keptWorkspaces'],
    slow: true,
    async run(context) {
      const { id: keptId, sessionId } = await abandon(context);
      await context.engine.removeKeptWorkspace(keptId);
      await context.engine.removeKeptWorkspace(keptId);
      assert.deepEqual(await findKept(context, sessionId), []);
      const stopped = await context.start({ workspace: { type: 'scratch', outlives: true } });
      await context.engine.stopEnvironment(stopped.id);
      assert.deepEqual(await findKept(context, stopped.sessionId), []);
    },
  },
];
