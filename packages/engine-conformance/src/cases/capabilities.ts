import assert from 'node:assert/strict';
import { assertExited } from '../assert-outcome.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { expectInvalid } from '../expect-rejection.ts';
import { shell } from '../shell-command.ts';
import { readText } from '../stream-reader.ts';
import { capabilitiesInsideCases } from './capabilities-inside.ts';
import { capabilityMirrorCases } from './capabilities-mirror.ts';

const names = [
  'durableExec',
  'escapeeSweep',
  'execAsUser',
  'terminal',
  'images',
  'buildImage',
  'resourceLimits',
  'networkPresets',
  'listImages',
  'bindMount',
  'persistentVolumeClaimMount',
  'keptWorkspaces',
  'openPort',
  'renderEnvironment',
] as const;

/** Cases of group `capabilities`: what is declared is so, and what is declared false is refused. */
export const capabilitiesCases: readonly ConformanceCase[] = [
  {
    id: 'capabilities/declared',
    contract: 'Every capability is declared, without I/O.',
    async run(context) {
      const { capabilities } = context.engine;
      assert.ok(
        ['none', 'container', 'virtual-machine'].includes(capabilities.isolation),
        `isolation is ${capabilities.isolation}`,
      );
      for (const name of names) assert.equal(typeof capabilities[name], 'boolean', name);
    },
  },
  {
    id: 'capabilities/constant',
    contract: 'Capabilities are the same for every engine of the backend and do not change with init.',
    async run(context) {
      const before = { ...context.engine.capabilities };
      await context.engine.init();
      assert.deepEqual({ ...context.engine.capabilities }, before);
      assert.deepEqual({ ...(await context.otherEngine()).capabilities }, before);
    },
  },
  {
    id: 'capabilities/terminal',
    contract: 'With a terminal the command has one of the size asked for, and resize changes it.',
    requires: ['terminal'],
    async run(context) {
      const { id } = await context.start();
      const handle = await context.engine.spawn(
        id,
        shell('[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && stty size; read -r line; stty size'),
        {
          stdin: 'pipe',
          terminal: { columns: 91, rows: 33 },
        },
      );
      await handle.resize({ columns: 120, rows: 40 });
      await handle.write('\n');
      const text = await readText(handle.stdout);
      assert.ok(text.includes('40 120'), `stty size after the resize: ${JSON.stringify(text)}`);
      assertExited(await handle.wait());
    },
  },
  {
    id: 'capabilities/terminal-detach',
    contract:
      'A command in a terminal has no record: detach is refused with RECAC_INVALID_ARGUMENT, and the command goes on.',
    requires: ['terminal', 'durableExec'],
    async run(context) {
      const { id } = await context.start();
      const terminal = { columns: 80, rows: 24 };
      const handle = await context.engine.spawn(id, shell('read -r line; exit 9'), { stdin: 'pipe', terminal });
      await expectInvalid(handle.detach(), 'detach of a command in a terminal');
      await handle.write('\n');
      assertExited(await handle.wait(), 9);
    },
  },
  ...capabilitiesInsideCases,
  {
    id: 'capabilities/bind-mount',
    contract: 'A bound directory is the workspace: both sides see the same files.',
    requires: ['bindMount'],
    async run(context) {
      const hostPath = await context.temporaryDirectory();
      const first = await context.start({ workspace: { type: 'bind', hostPath } });
      assertExited(await context.engine.exec(first.id, shell('echo shared >file')));
      const second = await context.start({ workspace: { type: 'bind', hostPath } });
      assert.equal((await context.engine.exec(second.id, ['cat', 'file'])).stdout, 'shared\n');
    },
  },
  ...capabilityMirrorCases,
  {
    id: 'capabilities/renders',
    contract: 'renderEnvironment gives the objects as plain data, refuses what a start refuses, and creates nothing.',
    requires: ['renderEnvironment'],
    async run(context) {
      const specification = context.specification();
      const objects = await context.engine.renderEnvironment(specification);
      assert.ok(objects.length > 0);
      assert.deepEqual(JSON.parse(JSON.stringify(objects)), objects);
      const listed = await context.engine.listEnvironments({ sessionId: specification.sessionId });
      assert.deepEqual(listed, []);
      await expectInvalid(context.engine.renderEnvironment({ ...specification, sessionId: '' }), 'an empty session id');
    },
  },
];
