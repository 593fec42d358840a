import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProcess } from '../src/local-process.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-start-'));
  await writeFile(join(directory, 'plain'), 'no program');
});

afterAll(() => rm(directory, { recursive: true }));

test.each<[string, (place: string) => readonly string[], number]>([
  ['is not there', (place) => [`${place}/missing`], 127],
  ['is below a file', (place) => [`${place}/plain/missing`], 127],
  ['may not be run', (place) => [`${place}/plain`], 126],
  ['has more arguments than the machine takes', () => ['/bin/true', 'x'.repeat(4_000_000)], 126],
])('a program that %s is a result, as in a shell', async (_, toArgv, code) => {
  const started = await startProcess({ argv: toArgv(directory), environment: {}, workingDirectory: tmpdir() });
  expect(await started.exited).toEqual({ type: 'exited', code });
});
