import assert from 'node:assert/strict';
import type { Command, ExecOptions } from '@recac/engine-core';
import type { ConformanceCase } from '../conformance-case.ts';
import type { ConformanceContext } from '../conformance-context.ts';
import { expectInvalid, expectRejection } from '../expect-rejection.ts';
import { shell } from '../shell-command.ts';
import { existsInside } from '../ticking.ts';
import { errorsOfStartCases } from './errors-of-start.ts';

/** Asserts that exec and spawn refuse the command with these options and that nothing ran. */
async function expectCommandInvalid(
  context: ConformanceContext,
  inputs: readonly (readonly [string, Command, ExecOptions])[],
): Promise<void> {
  const { id } = await context.start();
  for (const [what, command, options] of inputs) {
    await expectInvalid(context.engine.exec(id, command, options), `exec with ${what}`);
    const { stdin: _stdin, onStdout: _onStdout, onStderr: _onStderr, maxOutputBytes, ...spawnOptions } = options;
    if (maxOutputBytes === undefined)
      await expectInvalid(context.engine.spawn(id, command, spawnOptions), `spawn with ${what}`);
  }
  assert.equal(await existsInside(context.engine, id, 'ran'), false, 'nothing ran');
}

const touch: Command = ['touch', 'ran'];

/** Cases of group `errors`: bad arguments and things that are not there. */
export const errorsCases: readonly ConformanceCase[] = [
  ...errorsOfStartCases,
  {
    id: 'errors/unknown-environment',
    contract: 'Calls on an id that never existed reject with RECAC_ENVIRONMENT_NOT_FOUND.',
    async run(context) {
      const id = 'recac-agent-conformance-never-started';
      await expectRejection(context.engine.exec(id, touch), ['RECAC_ENVIRONMENT_NOT_FOUND'], 'exec');
      await expectRejection(context.engine.spawn(id, touch), ['RECAC_ENVIRONMENT_NOT_FOUND'], 'spawn');
      await expectRejection(
        context.engine.inspectEnvironment(id),
        ['RECAC_ENVIRONMENT_NOT_FOUND'],
        'inspectEnvironment',
      );
    },
  },
  {
    id: 'errors/stopped-environment',
    contract: 'Calls on a stopped environment reject with RECAC_ENVIRONMENT_NOT_FOUND.',
    async run(context) {
      const { id } = await context.start();
      await context.engine.stopEnvironment(id);
      await expectRejection(context.engine.exec(id, touch), ['RECAC_ENVIRONMENT_NOT_FOUND'], 'exec');
      await expectRejection(context.engine.spawn(id, touch), ['RECAC_ENVIRONMENT_NOT_FOUND'], 'spawn');
      await expectRejection(
        context.engine.inspectEnvironment(id),
        ['RECAC_ENVIRONMENT_NOT_FOUND'],
        'inspectEnvironment',
      );
    },
  },
  {
    id: 'errors/execs-of-unknown-environment',
    contract: 'listExecs and attachExec on an unknown environment reject with RECAC_ENVIRONMENT_NOT_FOUND.',
    requires: ['durableExec'],
    async run(context) {
      const id = 'recac-agent-conformance-never-started';
      await expectRejection(context.engine.listExecs(id), ['RECAC_ENVIRONMENT_NOT_FOUND'], 'listExecs');
      await expectRejection(context.engine.attachExec(id, 'x'), ['RECAC_ENVIRONMENT_NOT_FOUND'], 'attachExec');
    },
  },
  {
    id: 'errors/unknown-exec',
    contract: 'attachExec to a command that is not there rejects with RECAC_EXEC_NOT_FOUND.',
    requires: ['durableExec'],
    async run(context) {
      const { id } = await context.start();
      for (const execId of ['unknown', '0', 'deadbeefdeadbeef']) {
        await expectRejection(context.engine.attachExec(id, execId), ['RECAC_EXEC_NOT_FOUND'], execId);
      }
      for (const execId of ['../..', '', 'a/b', '$(touch ran)', "'; touch ran; '", '*', 'a\nb']) {
        await expectRejection(
          context.engine.attachExec(id, execId),
          ['RECAC_EXEC_NOT_FOUND', 'RECAC_INVALID_ARGUMENT'],
          JSON.stringify(execId),
        );
      }
      assert.equal(await existsInside(context.engine, id, 'ran'), false, 'nothing ran');
    },
  },
  {
    id: 'errors/attach-offset',
    contract: 'attachExec from a byte that is negative or no whole number is refused with RECAC_INVALID_ARGUMENT.',
    requires: ['durableExec'],
    async run(context) {
      const { id } = await context.start();
      const { execId } = await context.engine.spawn(id, ['sleep', '20']);
      for (const offset of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        await expectInvalid(
          context.engine.attachExec(id, execId, { fromStdoutByte: offset }),
          `fromStdoutByte ${offset}`,
        );
        await expectInvalid(
          context.engine.attachExec(id, execId, { fromStderrByte: offset }),
          `fromStderrByte ${offset}`,
        );
      }
    },
  },
  {
    id: 'errors/empty-command',
    contract: 'A command without a program is refused with RECAC_INVALID_ARGUMENT.',
    run: (context) =>
      expectCommandInvalid(context, [
        ['no argv', [], {}],
        ['an empty program', [''], {}],
      ]),
  },
  {
    id: 'errors/nul-in-argv',
    contract: 'NUL in an argument is refused with RECAC_INVALID_ARGUMENT before anything runs.',
    run: (context) =>
      expectCommandInvalid(context, [
        ['NUL in a string', ['touch', 'ran', 'a\0b'], {}],
        ['NUL in bytes', ['touch', 'ran', Uint8Array.of(0x61, 0)], {}],
        ['NUL in the program', ['touch\0', 'ran'], {}],
      ]),
  },
  {
    id: 'errors/variable-names',
    contract:
      'A variable whose name is empty or has = or NUL, or whose value has NUL, is refused with RECAC_INVALID_ARGUMENT.',
    run: (context) =>
      expectCommandInvalid(context, [
        ['an empty name', touch, { environmentVariables: { '': 'x' } }],
        ['= in a name', touch, { environmentVariables: { 'A=B': 'x' } }],
        ['NUL in a name', touch, { environmentVariables: { 'A\0B': 'x' } }],
        ['NUL in a value', touch, { environmentVariables: { A: 'x\0y' } }],
        ['NUL in a byte value', touch, { environmentVariables: { A: Uint8Array.of(0) } }],
      ]),
  },
  {
    id: 'errors/directory-relative',
    contract: 'A working directory that is not absolute, or has NUL, is refused with RECAC_INVALID_ARGUMENT.',
    run: (context) =>
      expectCommandInvalid(context, [
        ['a relative directory', touch, { workingDirectory: 'relative' }],
        ['a dot', touch, { workingDirectory: '.' }],
        ['an empty directory', touch, { workingDirectory: '' }],
        ['NUL', touch, { workingDirectory: '/\0' }],
      ]),
  },
  {
    id: 'errors/directory-under-proc',
    contract: 'A working directory under /proc is refused with RECAC_INVALID_ARGUMENT.',
    run: (context) =>
      expectCommandInvalid(context, [
        ['/proc/self/fd/7', touch, { workingDirectory: '/proc/self/fd/7' }],
        ['/proc', touch, { workingDirectory: '/proc' }],
        ['/proc in disguise', touch, { workingDirectory: '//tmp/..//proc/./self/cwd/' }],
      ]),
  },
  {
    id: 'errors/directory-missing',
    contract: 'A working directory that is missing or no directory is an error before anything runs.',
    async run(context) {
      const { id, workspacePath } = await context.start();
      await context.engine.exec(id, ['touch', 'file']);
      for (const workingDirectory of [
        `${workspacePath}/missing`,
        `${workspacePath}/file`,
        '/recac/no/such/directory',
      ]) {
        const running = context.engine.exec(id, shell('touch "$1/ran"', workspacePath), { workingDirectory });
        await expectRejection(running, ['RECAC_INVALID_ARGUMENT', 'RECAC_EXEC_FAILED'], workingDirectory);
      }
      assert.equal(await existsInside(context.engine, id, 'ran'), false, 'nothing ran');
    },
  },
  {
    id: 'errors/limits',
    contract: 'Limits that are zero, negative or not finite are refused with RECAC_INVALID_ARGUMENT.',
    run: (context) => {
      const limits = [0, -1, Number.NaN, Number.POSITIVE_INFINITY].flatMap((value) => [
        { timeoutMs: value },
        { idleTimeoutMs: value },
      ]);
      const others = [
        { killGraceMs: -1 },
        { killGraceMs: Number.NaN },
        { maxOutputBytes: -1 },
        { maxOutputBytes: Number.NaN },
        { maxOutputBytes: 0.5 },
      ];
      return expectCommandInvalid(
        context,
        [...limits, ...others].map((options) => [String(Object.entries(options)), touch, options] as const),
      );
    },
  },
  {
    id: 'errors/lost-stdin',
    contract: 'A lostStdin that is neither hold nor end is refused with RECAC_INVALID_ARGUMENT.',
    run: (context) =>
      expectCommandInvalid(
        context,
        ['', 'close', 'Hold'].map((lostStdin) => [lostStdin, touch, { lostStdin } as unknown as ExecOptions] as const),
      ),
  },
  {
    id: 'errors/terminal-size',
    contract:
      'A terminal whose width or height is no whole number from 1 to 65 535 is refused with RECAC_INVALID_ARGUMENT.',
    requires: ['terminal'],
    async run(context) {
      const { id } = await context.start();
      const good = { columns: 80, rows: 24 };
      const sizes = [0, -1, 65_536, 1.5, Number.NaN].flatMap((bad) => [
        { ...good, columns: bad },
        { ...good, rows: bad },
      ]);
      const handle = await context.engine.spawn(id, shell('read -r line'), { stdin: 'pipe', terminal: good });
      for (const size of sizes) {
        const what = JSON.stringify(size);
        await expectInvalid(context.engine.spawn(id, touch, { terminal: size }), `spawn with ${what}`);
        await expectInvalid(handle.resize(size), `resize to ${what}`);
      }
      await handle.cancel();
      assert.equal(await existsInside(context.engine, id, 'ran'), false, 'nothing ran');
    },
  },
  {
    id: 'errors/after-close',
    contract: 'After close every call rejects with a RecacError; close is idempotent.',
    async run(context) {
      const { id } = await context.start();
      const engine = await context.otherEngine();
      await engine.exec(id, ['true']);
      await engine.close();
      await engine.close();
      await expectRejection(engine.init(), [], 'init');
      await expectRejection(engine.exec(id, touch), [], 'exec');
      await expectRejection(engine.spawn(id, touch), [], 'spawn');
      await expectRejection(engine.listEnvironments(), [], 'listEnvironments');
      await expectRejection(engine.inspectEnvironment(id), [], 'inspectEnvironment');
      await expectRejection(engine.stopEnvironment(id), [], 'stopEnvironment');
      await expectRejection(engine.startEnvironment(context.specification()), [], 'startEnvironment');
      await expectRejection(engine.renderEnvironment(context.specification()), [], 'renderEnvironment');
      assert.equal(await existsInside(context.engine, id, 'ran'), false, 'nothing ran');
    },
  },
];
