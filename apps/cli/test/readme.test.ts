import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runBlock } from './run-block.ts';

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
  const stdout = await runBlock(block.replace(build, ''), { workingDirectory: root });
  expect(stdout).toContain('1\n2\n3\n4\n5\n');
  expect(stdout).toContain('+  for (let index = 0');
});

function isLocal(block: string): boolean {
  return block.includes('RECAC_RUNNER_BACKEND=local');
}
