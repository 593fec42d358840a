import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCliWorld } from './cli-process.ts';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
const blocks = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map((match) => match[1] ?? '');

test.each(blocks)('the README’s block runs: %s', async (block) => {
  await using world = await createCliWorld();
  const bin = join(world.directory, 'bin');
  await mkdir(bin);
  const words = world.argv.map((word) => `'${word}'`).join(' ');
  await writeFile(join(bin, 'recac'), `#!/bin/sh\nexec ${words} "$@"\n`);
  await chmod(join(bin, 'recac'), 0o755);
  const environment = { ...world.environment, RECAC_RUNNER_BACKEND: '', PATH: `${bin}:${process.env.PATH}` };
  const outcome = await new Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }>(
    (resolve) => {
      execFile('/bin/bash', ['-euc', block], { cwd: world.project, env: environment }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, stdout, stderr }),
      );
    },
  );
  expect(outcome).toMatchObject({ code: 0 });
  expect(outcome.stdout).not.toBe('');
  expect(await world.list()).toEqual([]);
});
