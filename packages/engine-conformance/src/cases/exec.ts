import assert from 'node:assert/strict';
import { assertExited } from '../assert-outcome.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { shell } from '../shell-command.ts';
import { execArgvCases } from './exec-argv.ts';
import { execEnvironmentCases } from './exec-environment.ts';

/** Cases of group `exec`: argv, variables, working directory and exit codes. */
export const execCases: readonly ConformanceCase[] = [
  ...execArgvCases,
  ...execEnvironmentCases,
  {
    id: 'exec/exit-code',
    contract: 'A command that exits has the outcome exited with its code; a non-zero exit is a result, not an error.',
    async run(context) {
      const { id } = await context.start();
      for (const code of [0, 1, 42, 124, 125, 130, 255]) {
        const result = await context.engine.exec(id, shell(`exit ${code}`));
        assertExited(result, code);
        assert.equal(result.exitCode, code);
      }
    },
  },
  {
    id: 'exec/not-found',
    contract: 'A program that does not exist is exited with 127, as in a shell.',
    async run(context) {
      const { id } = await context.start();
      assertExited(await context.engine.exec(id, ['recac-no-such-program', 'x']), 127);
      assertExited(await context.engine.exec(id, ['/recac/no/such/program']), 127);
    },
  },
  {
    id: 'exec/not-executable',
    contract: 'A file that cannot be run is exited with 126, as in a shell.',
    async run(context) {
      const { id, workspacePath } = await context.start();
      await context.engine.exec(id, shell('echo "echo ran" >plain && chmod 644 plain'));
      const result = await context.engine.exec(id, [`${workspacePath}/plain`]);
      assertExited(result, 126);
      assert.equal(result.stdout, '');
    },
  },
  {
    id: 'exec/default-directory',
    contract: 'The default working directory is the workspace.',
    async run(context) {
      const { id, workspacePath } = await context.start();
      assertExited(await context.engine.exec(id, ['touch', 'flag']));
      const result = await context.engine.exec(id, ['ls', workspacePath]);
      assert.equal(result.stdout, 'flag\n');
    },
  },
  {
    id: 'exec/working-directory',
    contract: 'The working directory is the one given, whatever its name.',
    async run(context) {
      const { id, workspacePath } = await context.start();
      for (const name of ['plain', 'with space', `quo'te"s`, '-dash', 'new\nline', '$HOME', 'é']) {
        const path = `${workspacePath}/${name}`;
        assertExited(await context.engine.exec(id, shell('mkdir -p -- "$1" && touch "$1/flag"', path)));
        const result = await context.engine.exec(id, ['ls'], { workingDirectory: path });
        assert.equal(result.stdout, 'flag\n', JSON.stringify(name));
      }
    },
  },
  {
    id: 'exec/directory-not-sticky',
    contract: 'The working directory of one command is not that of the next.',
    async run(context) {
      const { id } = await context.start();
      await context.engine.exec(id, ['ls'], { workingDirectory: '/' });
      await context.engine.exec(id, shell('cd /'));
      assertExited(await context.engine.exec(id, ['touch', 'flag']));
      assertExited(await context.engine.exec(id, ['ls', 'flag']));
    },
  },
  {
    id: 'exec/runs-once',
    contract: 'A command runs at most once, however it ends.',
    async run(context) {
      const { id } = await context.start();
      await context.engine.exec(id, shell('echo x >>ran'));
      await context.engine.exec(id, shell('echo x >>ran; exit 4'));
      await context.engine.exec(id, shell('echo x >>ran; kill -KILL $$'));
      const result = await context.engine.exec(id, ['cat', 'ran']);
      assert.equal(result.stdout, 'x\nx\nx\n');
    },
  },
  {
    id: 'exec/no-shared-state',
    contract: 'Nothing that one command does to its own shell is seen by the next.',
    async run(context) {
      const { id } = await context.start();
      const scripts = [
        'set -e; exit 2',
        'readonly PATH',
        'umask 777',
        'exec 2>/dev/null',
        'alias ls=false',
        'trap "" TERM',
        'IFS=x',
        'ulimit -n 10',
      ];
      for (const script of scripts) await context.engine.exec(id, shell(script));
      const result = await context.engine.exec(id, shell('touch new && echo out && echo err >&2 && rm new'));
      assertExited(result);
      assert.deepEqual([result.stdout, result.stderr], ['out\n', 'err\n']);
    },
  },
  {
    id: 'exec/closed-descriptors',
    contract: 'A command that closes its stdin, stdout and stderr still has its exit code.',
    slow: true,
    async run(context) {
      const { id } = await context.start();
      assertExited(await context.engine.exec(id, shell('exec <&- >&- 2>&-; exit 5')), 5);
      assertExited(await context.engine.exec(id, shell('exec >&- 2>&-; sleep 1; exit 6')), 6);
    },
  },
  {
    id: 'exec/no-terminal',
    contract: 'Without asking for one a command has no terminal.',
    async run(context) {
      const { id } = await context.start();
      const result = await context.engine.exec(id, shell('for n in 0 1 2; do if [ -t $n ]; then echo $n; fi; done'));
      assert.equal(result.stdout, '');
    },
  },
  {
    id: 'exec/duration',
    contract: 'The result tells how long the command took.',
    slow: true,
    async run(context) {
      const { id } = await context.start();
      const before = performance.now();
      const { durationMs } = await context.engine.exec(id, ['sleep', '1']);
      const elapsed = performance.now() - before;
      assert.ok(
        durationMs >= 900 && durationMs <= elapsed + 50,
        `durationMs is ${durationMs}, the call took ${elapsed}`,
      );
    },
  },
  {
    id: 'exec/exec-ids-differ',
    contract: 'Every command has an exec id of its own.',
    async run(context) {
      const { id } = await context.start();
      const results = await Promise.all(Array.from({ length: 5 }, () => context.engine.exec(id, ['true'])));
      assert.equal(new Set(results.map(({ execId }) => execId)).size, 5);
    },
  },
];
