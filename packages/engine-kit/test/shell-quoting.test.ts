import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoteForShell } from '../src/lane/shell-quoting.ts';

const word = fc.uint8Array({ min: 1, max: 255, maxLength: 60 });

/** What the shell makes of the words: each one followed by NUL. */
function throughShell(words: readonly Buffer[], locale: string): Buffer {
  const script = Buffer.concat([
    Buffer.from("printf '%s\\0'"),
    ...words.map((one) => Buffer.concat([Buffer.from(' '), one])),
    Buffer.from('\n'),
  ]);
  return spawnSync('sh', [], { input: script, env: { ...process.env, LC_ALL: locale } }).stdout;
}

const withNul = (values: readonly Uint8Array[]): Buffer =>
  Buffer.concat(values.map((value) => Buffer.concat([value, Buffer.from([0])])));

test('sh gives back every byte but NUL', () => {
  const all = Uint8Array.from({ length: 255 }, (_, index) => index + 1);
  expect(throughShell([quoteForShell(all)], 'C')).toEqual(withNul([all]));
});

test('sh gives back any words, whatever the locale', () => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), fc.constantFrom('C', 'C.UTF-8'), (words, locale) => {
      expect(throughShell(words.map(quoteForShell), locale)).toEqual(withNul(words));
    }),
    { numRuns: 40 },
  );
});

test('text is quoted as UTF-8', () => {
  expect(quoteForShell("it's é").toString('utf8')).toBe("'it'\\''s é'");
});
