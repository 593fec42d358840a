import assert from 'node:assert/strict';
import type { EnvironmentSpec } from '@recac/engine-core';
import type { ConformanceCase } from '../conformance-case.ts';
import type { ConformanceContext } from '../conformance-context.ts';
import { expectInvalid, expectRejection } from '../expect-rejection.ts';

/** Asserts that a start with these overrides is refused and that nothing was made. */
async function expectStartInvalid(context: ConformanceContext, overrides: Partial<EnvironmentSpec>): Promise<void> {
  const specification = context.specification(overrides);
  const what = JSON.stringify(overrides).slice(0, 200);
  await expectInvalid(context.engine.startEnvironment(specification), `start with ${what}`);
  const listed = await context.engine.listEnvironments();
  assert.equal(
    listed.some(({ sessionId }) => sessionId === specification.sessionId),
    false,
    `nothing was made for ${what}`,
  );
}

/** Cases of group `errors` about what `startEnvironment` refuses. */
export const errorsOfStartCases: readonly ConformanceCase[] = [
  {
    id: 'errors/session-ids',
    contract:
      'A session id that is empty, longer than 200 characters or not printable is refused with RECAC_INVALID_ARGUMENT.',
    async run(context) {
      for (const sessionId of ['', 'x'.repeat(201), 'a\nb', 'a\0b', '\u001b[31m', 'tab\t', '\u007f', 'a\u0085b'])
        await expectStartInvalid(context, { sessionId });
    },
  },
  {
    id: 'errors/reserved-labels',
    contract: 'Labels under recac.dev/ are refused with RECAC_INVALID_ARGUMENT.',
    async run(context) {
      await expectStartInvalid(context, { labels: { 'recac.dev/session': 'other' } });
      await expectStartInvalid(context, { labels: { fine: 'x', 'recac.dev/anything': '' } });
    },
  },
  {
    id: 'errors/variables-of-start',
    contract: 'Bad variable names and values of an environment are refused with RECAC_INVALID_ARGUMENT.',
    async run(context) {
      for (const environmentVariables of [{ '': 'x' }, { 'A=B': 'x' }, { 'A\0': 'x' }, { A: 'x\0' }]) {
        await expectStartInvalid(context, { environmentVariables });
      }
    },
  },
  {
    id: 'errors/limits-of-start',
    contract:
      'A pendingTimeoutMs that is not positive and a leaseMs below 1 000 are refused with RECAC_INVALID_ARGUMENT.',
    async run(context) {
      for (const pendingTimeoutMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
        await expectStartInvalid(context, { pendingTimeoutMs });
      for (const leaseMs of [0, 999, -1, Number.NaN, Number.POSITIVE_INFINITY])
        await expectStartInvalid(context, { leaseMs });
    },
  },
  {
    id: 'errors/bind-paths',
    contract: 'A bind mount whose hostPath is relative or missing is an error, and nothing is left.',
    requires: ['bindMount'],
    async run(context) {
      await expectStartInvalid(context, { workspace: { type: 'bind', hostPath: 'relative/path' } });
      const hostPath = `${await context.temporaryDirectory()}/missing`;
      const specification = context.specification({ workspace: { type: 'bind', hostPath } });
      const starting = context.engine.startEnvironment(specification);
      await expectRejection(
        starting,
        ['RECAC_INVALID_ARGUMENT', 'RECAC_WORKSPACE_UNAVAILABLE', 'RECAC_ENVIRONMENT_START_FAILED'],
        'a missing hostPath',
      );
      assert.deepEqual(await context.engine.listEnvironments({ sessionId: specification.sessionId }), []);
    },
  },
];
