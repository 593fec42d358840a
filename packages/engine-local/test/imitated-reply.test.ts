import { expect, test } from 'vitest';
import { findShells } from './find-shells.ts';
import { withEnvironment } from './with-environment.ts';

const replies = [
  'r 1 0 0 0 0 0 0 1 -',
  'p 1 1 1 0 0 9 0',
  'x 1 command missing',
  'ready 1 1 1',
  '.',
  '1 c 0 -',
  '1 e 0 0 0 0 0',
];
const text = replies.map((reply) => `${reply}\n`).join('');
const shells = findShells().filter(({ missing }) => !missing);

test.each(shells)('under $name, output that looks like replies is output', async ({ argv }) => {
  await withEnvironment(
    async ({ engine, id }) => {
      const result = await engine.exec(id, ['sh', '-c', 'printf %s "$1"; printf %s "$1" >&2; exit 3', 'sh', text]);
      expect([result.stdout, result.stderr, result.exitCode]).toEqual([text, text, 3]);
    },
    { shell: argv },
  );
});

test.each(shells)('under $name, a command has no descriptor of its lane', async ({ argv }) => {
  await withEnvironment(
    async ({ engine, id }) => {
      const script = 'for n in 3 4 5 6 7 8 9; do eval "printf %s \\"\\$1\\" >&$n" 2>/dev/null && echo $n; done; exit 3';
      const result = await engine.exec(id, ['sh', '-c', script, 'sh', text]);
      expect([result.stdout, result.exitCode]).toEqual(['', 3]);
      expect((await engine.exec(id, ['echo', 'next'])).stdout).toBe('next\n');
    },
    { shell: argv },
  );
});
