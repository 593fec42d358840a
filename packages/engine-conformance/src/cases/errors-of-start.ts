import assert from 'node:assert/strict';
import type { EnvironmentSpec, NetworkPreset, PullPolicy, ResourceAmounts, WorkspaceMount } from '@recac/engine-core';
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
    id: 'errors/network',
    contract: 'A network that is none of the presets, however it is spelt, is refused with RECAC_INVALID_ARGUMENT.',
    requires: ['networkPresets'],
    async run(context) {
      for (const network of ['None', 'none ', '', 'host', 'bridge', null, false])
        await expectStartInvalid(context, { network: network as NetworkPreset });
    },
  },
  {
    id: 'errors/resources',
    contract:
      'What is no amount, a limit of 0, a request above its limit and an unknown name are refused with RECAC_INVALID_ARGUMENT.',
    requires: ['resourceLimits'],
    async run(context) {
      for (const text of ['', 'much', '-1', '1 Gi', '1GB', 1 as unknown as string]) {
        await expectStartInvalid(context, { resources: { limits: { memory: text } } });
        await expectStartInvalid(context, { resources: { requests: { cpu: text } } });
      }
      for (const amount of ['0', '0m', '0Gi']) {
        await expectStartInvalid(context, { resources: { limits: { memory: amount } } });
        await expectStartInvalid(context, { resources: { limits: { cpu: amount } } });
      }
      await expectStartInvalid(context, { resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } } });
      await expectStartInvalid(context, { resources: { requests: { cpu: '2' }, limits: { cpu: '1999m' } } });
      await expectStartInvalid(context, { resources: { limits: { mem: '1Gi' } as ResourceAmounts } });
    },
  },
  {
    id: 'errors/image-options',
    contract: 'A malformed image or platform and an unknown pull policy are refused with RECAC_INVALID_ARGUMENT.',
    requires: ['images'],
    async run(context) {
      for (const image of ['', 'a b', 'upper/Case', '-x', 'https://example.org/image', 'image:'])
        await expectStartInvalid(context, { image });
      for (const platform of ['', 'arm64', 'linux/arm64 ']) await expectStartInvalid(context, { platform });
      for (const pullPolicy of ['', 'Always', 'IfNotPresent'])
        await expectStartInvalid(context, { pullPolicy: pullPolicy as PullPolicy });
    },
  },
  {
    id: 'errors/workspace-type',
    contract: 'A workspace of an unknown type is refused with RECAC_INVALID_ARGUMENT, never taken for another.',
    async run(context) {
      for (const type of ['Bind', 'hostPath', '']) {
        const workspace = { type, hostPath: '/' } as unknown as WorkspaceMount;
        await expectStartInvalid(context, { workspace });
      }
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
