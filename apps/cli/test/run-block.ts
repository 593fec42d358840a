import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createCliWorld, type SharedBackend } from './cli-process.ts';

/** Where a block runs. */
export interface BlockOptions {
  /** Default: an empty directory. */
  readonly workingDirectory?: string;
  /** The backend that the block names, when it is not the local one. */
  readonly shared?: SharedBackend;
}

/** Runs a block of a document in a private home, checks that it ended with 0 and left no session, and gives its stdout. */
export async function runBlock(block: string, { workingDirectory, shared }: BlockOptions = {}): Promise<string> {
  await using world = await createCliWorld(shared);
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
