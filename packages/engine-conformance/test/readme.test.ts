import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readmeUrl, readmeWithTable } from './case-table.ts';

const run = promisify(execFile);
const packageDirectory = fileURLToPath(new URL('..', import.meta.url));
const configurationUrl = new URL('../../../vitest.config.ts', import.meta.url);
let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(packageDirectory, '.readme-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Writes the block of the README that imports this runner; gives its path. */
async function writeBlock(runner: string): Promise<string> {
  const readme = await readFile(readmeUrl, 'utf8');
  const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? '');
  const block = blocks.find((code) => code.includes(`from '${runner}'`));
  const path = join(directory, `${runner.replace(':', '-')}.test.ts`);
  await writeFile(path, block ?? '');
  return path;
}

test('the table of cases is up to date (node --conditions=@recac/source test/write-case-table.ts)', async () => {
  const { current, expected } = await readmeWithTable();
  expect(current).toBe(expected);
});

test('the block for node:test runs', { timeout: 120_000 }, async () => {
  const path = await writeBlock('node:test');
  const options = [
    '--conditions=@recac/source',
    '--test',
    '--test-reporter=tap',
    '--test-name-pattern=\\[(images|exec/exit-code|capabilities)',
  ];
  const environment = { ...process.env };
  delete environment.NODE_TEST_CONTEXT;
  const { stdout } = await run(process.execPath, [...options, path], { env: environment });
  expect(stdout).toMatch(/ok \d+ - \[exec\/exit-code\]/);
  expect(stdout).toMatch(/\[images\/ensure\].*skipped: capability images is false.* # SKIP/);
  expect(stdout).toMatch(/^# fail 0$/m);
});

test('the block for vitest runs', { timeout: 120_000 }, async () => {
  await writeBlock('vitest');
  const configuration = `import base from ${JSON.stringify(configurationUrl.href)};\nexport default { ...base, test: { pool: 'forks' } };\n`;
  await writeFile(join(directory, 'vitest.config.ts'), configuration);
  const program = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const pattern = '\\[(images|exec/exit-code|capabilities)';
  const report = join(directory, 'report.json');
  const options = ['--root', directory, '-t', pattern, '--reporter=json', `--outputFile=${report}`];
  await run(process.execPath, [program, 'run', ...options, 'vitest.test.ts']);
  const counts = JSON.parse(await readFile(report, 'utf8')) as { numPassedTests: number; numFailedTests: number };
  expect(counts.numFailedTests).toBe(0);
  expect(counts.numPassedTests).toBeGreaterThan(5);
});
