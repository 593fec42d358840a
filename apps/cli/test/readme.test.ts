import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createCliWorld } from './cli-process.ts';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
const blocks = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map((match) => match[1] ?? '');

test.each(blocks)('the README’s block runs: %s', async (block) => {
  expect(await runBlock(block)).not.toBe('');
});

// No issue number: a review found that the first commands of the README failed for a newcomer.
test('the first commands of the repository run as they are, once it is built and in PATH', async () => {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const text = await readFile(join(root, 'README.md'), 'utf8');
  const block = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map((match) => match[1] ?? '').find(isLocal) ?? '';
  const build = /^(npm run demo|export PATH=).*\n/gm;
  expect(block.match(build)).toHaveLength(2);
  const stdout = await runBlock(block.replace(build, ''), root);
  expect(stdout).toContain('1\n2\n3\n4\n5\n');
  expect(stdout).toContain('+  for (let index = 0');
});

function isLocal(block: string): boolean {
  return block.includes('RECAC_RUNNER_BACKEND=local');
}

/** Runs a block in a private home, and gives its stdout. */
async function runBlock(block: string, workingDirectory?: string): Promise<string> {
  await using world = await createCliWorld();
  const bin = join(world.directory, 'bin');
  await mkdir(bin);
  const words = world.argv.map((word) => `'${word}'`).join(' ');
  await writeFile(join(bin, 'recac'), `#!/bin/sh\nexec ${words} "$@"\n`);
  await chmod(join(bin, 'recac'), 0o755);
  const path = `${bin}:${process.env.PATH}`;
  const environment = { ...world.environment, RECAC_RUNNER_BACKEND: '', PATH: path, TMPDIR: world.directory };
  const cwd = workingDirectory ?? world.project;
  const outcome = await new Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }>(
    (resolve) => {
      execFile('/bin/bash', ['-euc', block], { cwd, env: environment }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, stdout, stderr }),
      );
    },
  );
  expect(outcome).toMatchObject({ code: 0 });
  expect(await world.list()).toEqual([]);
  return outcome.stdout;
}
