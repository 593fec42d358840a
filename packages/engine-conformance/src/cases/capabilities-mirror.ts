import assert from 'node:assert/strict';
import type { EnvironmentSpec } from '@recac/engine-core';
import type { ConformanceCase } from '../conformance-case.ts';
import type { ConformanceContext } from '../conformance-context.ts';
import { expectUnsupported } from '../expect-rejection.ts';
import { existsInside } from '../ticking.ts';

async function expectStartUnsupported(
  context: ConformanceContext,
  capability: string,
  overrides: Partial<EnvironmentSpec>,
): Promise<void> {
  const specification = context.specification(overrides);
  await expectUnsupported(
    context.engine.startEnvironment(specification),
    capability,
    `start with ${JSON.stringify(overrides)}`,
  );
  assert.deepEqual(await context.engine.listEnvironments({ sessionId: specification.sessionId }), []);
}

/**
 * Cases of group `capabilities` for what is declared false: it raises `RECAC_CAPABILITY_UNSUPPORTED`, never half-works and is never
 * ignored. `escapeeSweep` and `isolation` have none: no call asks for them.
 */
export const capabilityMirrorCases: readonly ConformanceCase[] = [
  {
    id: 'capabilities/no-durable-exec',
    contract: 'Without durableExec, attachExec, listExecs and detach raise RECAC_CAPABILITY_UNSUPPORTED.',
    without: 'durableExec',
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(id, ['sleep', '20']);
      await expectUnsupported(context.engine.listExecs(id), 'durableExec', 'listExecs');
      await expectUnsupported(context.engine.attachExec(id, handle.execId), 'durableExec', 'attachExec');
      await expectUnsupported(handle.detach(), 'durableExec', 'detach');
    },
  },
  {
    id: 'capabilities/no-exec-as-user',
    contract:
      'Without execAsUser, execAsUser and the option user, also of a start, raise RECAC_CAPABILITY_UNSUPPORTED and run nothing.',
    without: 'execAsUser',
    async run(context) {
      const { id } = await context.start();
      await expectUnsupported(context.engine.execAsUser(id, 'nobody', ['touch', 'ran']), 'execAsUser', 'execAsUser');
      await expectUnsupported(context.engine.exec(id, ['touch', 'ran'], { user: 'nobody' }), 'execAsUser', 'exec');
      await expectUnsupported(context.engine.spawn(id, ['touch', 'ran'], { user: '12345' }), 'execAsUser', 'spawn');
      await expectStartUnsupported(context, 'execAsUser', { user: 'nobody' });
      assert.equal(await existsInside(context.engine, id, 'ran'), false, 'nothing ran');
    },
  },
  {
    id: 'capabilities/no-terminal',
    contract: 'Without terminal, the option terminal and resize raise RECAC_CAPABILITY_UNSUPPORTED and run nothing.',
    without: 'terminal',
    async run(context) {
      const { id } = await context.start();
      const size = { columns: 80, rows: 24 };
      await expectUnsupported(context.engine.spawn(id, ['touch', 'ran'], { terminal: size }), 'terminal', 'spawn');
      const handle = await context.engine.spawn(id, ['sleep', '20']);
      await expectUnsupported(handle.resize(size), 'terminal', 'resize');
      assert.equal(await existsInside(context.engine, id, 'ran'), false, 'nothing ran');
    },
  },
  {
    id: 'capabilities/no-images',
    contract:
      'Without images, ensureImage and an image in the specification raise RECAC_CAPABILITY_UNSUPPORTED and make nothing.',
    without: 'images',
    async run(context) {
      await expectUnsupported(context.engine.ensureImage('some/image:tag'), 'images', 'ensureImage');
      await expectStartUnsupported(context, 'images', { image: 'some/image:tag' });
    },
  },
  {
    id: 'capabilities/no-list-images',
    contract: 'Without listImages, listImages raises RECAC_CAPABILITY_UNSUPPORTED.',
    without: 'listImages',
    async run(context) {
      await expectUnsupported(context.engine.listImages(), 'listImages', 'listImages');
    },
  },
  {
    id: 'capabilities/no-render',
    contract: 'Without renderEnvironment, renderEnvironment raises RECAC_CAPABILITY_UNSUPPORTED.',
    without: 'renderEnvironment',
    async run(context) {
      await expectUnsupported(
        context.engine.renderEnvironment(context.specification()),
        'renderEnvironment',
        'renderEnvironment',
      );
    },
  },
  {
    id: 'capabilities/no-build-image',
    contract: 'Without buildImage, buildImage raises RECAC_CAPABILITY_UNSUPPORTED.',
    without: 'buildImage',
    async run(context) {
      const directory = await context.temporaryDirectory();
      await expectUnsupported(
        context.engine.buildImage({ context: directory, tag: 'some/image:tag' }),
        'buildImage',
        'buildImage',
      );
    },
  },
  {
    id: 'capabilities/no-resource-limits',
    contract: 'Without resourceLimits, resources raise RECAC_CAPABILITY_UNSUPPORTED and make nothing.',
    without: 'resourceLimits',
    async run(context) {
      await expectStartUnsupported(context, 'resourceLimits', { resources: { limits: { memory: '1Gi' } } });
      await expectStartUnsupported(context, 'resourceLimits', { resources: { requests: { cpu: '1' } } });
    },
  },
  {
    id: 'capabilities/no-network-presets',
    contract: 'Without networkPresets, every network but open raises RECAC_CAPABILITY_UNSUPPORTED and makes nothing.',
    without: 'networkPresets',
    async run(context) {
      await expectStartUnsupported(context, 'networkPresets', { network: 'none' });
      await expectStartUnsupported(context, 'networkPresets', { network: 'internet' });
      await context.start({ network: 'open' });
    },
  },
  {
    id: 'capabilities/no-bind-mount',
    contract: 'Without bindMount, a bind workspace raises RECAC_CAPABILITY_UNSUPPORTED and makes nothing.',
    without: 'bindMount',
    async run(context) {
      const hostPath = await context.temporaryDirectory();
      await expectStartUnsupported(context, 'bindMount', { workspace: { type: 'bind', hostPath } });
    },
  },
  {
    id: 'capabilities/no-persistent-volume-claim-mount',
    contract:
      'Without persistentVolumeClaimMount, such a workspace raises RECAC_CAPABILITY_UNSUPPORTED and makes nothing.',
    without: 'persistentVolumeClaimMount',
    run: (context) =>
      expectStartUnsupported(context, 'persistentVolumeClaimMount', {
        workspace: { type: 'persistentVolumeClaim', claimName: 'claim' },
      }),
  },
  {
    id: 'capabilities/no-kept-workspaces',
    contract:
      'Without keptWorkspaces, a workspace that shall outlive its environment and both calls raise RECAC_CAPABILITY_UNSUPPORTED.',
    without: 'keptWorkspaces',
    async run(context) {
      const { engine } = context;
      await expectStartUnsupported(context, 'keptWorkspaces', { workspace: { type: 'scratch', outlives: true } });
      await expectStartUnsupported(context, 'keptWorkspaces', { workspace: { type: 'kept', id: 'some' } });
      await expectUnsupported(engine.listKeptWorkspaces(), 'keptWorkspaces', 'listKeptWorkspaces');
      await expectUnsupported(engine.removeKeptWorkspace('some'), 'keptWorkspaces', 'removeKeptWorkspace');
    },
  },
  {
    id: 'capabilities/no-open-port',
    contract: 'Without openPort, openPort raises RECAC_CAPABILITY_UNSUPPORTED.',
    without: 'openPort',
    async run(context) {
      const { id } = await context.start();
      await expectUnsupported(context.engine.openPort(id, 80), 'openPort', 'openPort');
    },
  },
];
