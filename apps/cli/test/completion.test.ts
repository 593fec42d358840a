import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliWorld, createCliWorld } from './cli-process.ts';
import { runInTerminal, terminalTest } from './pseudo-terminal.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await createCliWorld();
  const bin = join(world.directory, 'bin');
  await mkdir(bin);
  const names = "printf 'brave-otter\\n$(touch hacked)\\ncalm-fox\\n'";
  await writeFile(join(bin, 'recac'), `#!/bin/sh\nif [ "$1" = list ]; then ${names}; else printf '<%s>' "$@"; fi\n`);
  await chmod(join(bin, 'recac'), 0o755);
});
afterAll(() => world[Symbol.asyncDispose]());

test.each([
  [['ru'], ['run']],
  [['run', '--time'], ['--timeout']],
  [
    ['config', 's'],
    ['show', 'schema'],
  ],
  [['stop', 'b'], ['brave-otter']],
  [['attach', '$'], ['\\$\\(touch\\ hacked\\)']],
  ...['push', 'pull', 'diff', 'apply', 'merge', 'checkout', 'rescue'].map(
    (name) => [[name, 'b'], ['brave-otter']] as [string[], string[]],
  ),
  [['cp', 'b'], ['brave-otter:']],
  [['completion', 'z'], ['zsh']],
])('bash completes %j', async (words, expected) => {
  const { stdout: script } = await world.run(['completion', 'bash']);
  const line = ['recac', ...words].map((word) => `'${word}'`).join(' ');
  const program = `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _recac; printf '%s\\n' "\${COMPREPLY[@]}"; ls`;
  const stdout = await new Promise<string>((resolve, reject) => {
    const environment = { ...world.environment, PATH: `${join(world.directory, 'bin')}:${process.env.PATH}` };
    execFile('/bin/bash', ['-c', program], { cwd: world.project, env: environment }, (error, output) =>
      error ? reject(error) : resolve(output),
    );
  });
  expect(stdout.trim().split('\n')).toEqual(expected);
});

// No issue number: a review found a space behind the colon, which made the path another argument.
terminalTest('in bash the path is typed right behind the colon of cp', async () => {
  const script = join(world.directory, 'completion');
  await writeFile(script, (await world.run(['completion', 'bash'])).stdout);
  const shell = {
    ...world,
    argv: ['/bin/bash', '--norc', '--noprofile', '-i'],
    environment: { ...world.environment, PATH: `${join(world.directory, 'bin')}:${process.env.PATH}` },
  };
  const { shown, missing } = await runInTerminal(
    shell,
    [],
    [
      ['bash-', `PS1='ready''> '; source '${script}'\n`],
      ['ready> ', 'recac cp b\t'],
      ['brave-otter:', 'notes .\n'],
      ['<cp><brave-otter:notes><.>', 'exit\n'],
    ],
  );
  expect(missing, shown).toEqual([]);
});

test.each(['zsh', 'fish'])('%s gets a script with every command', async (shell) => {
  const { code, stdout } = await world.run(['completion', shell]);
  expect(code).toBe(0);
  for (const name of ['run', 'attach', 'config']) expect(stdout).toContain(name);
});
