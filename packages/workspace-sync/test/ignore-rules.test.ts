import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { IgnoreRules } from '../src/ignore/ignore-rules.ts';

let repository: string;
beforeAll(() => {
  repository = mkdtempSync(join(tmpdir(), 'recac-ignore-'));
  execFileSync('git', ['init', '-q'], { cwd: repository });
  for (const path of paths) {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), '');
  }
});
afterAll(() => rmSync(repository, { recursive: true, force: true }));

const paths = [
  'a',
  'b.log',
  'ab',
  'x/a',
  'x/b.log',
  'x/y/a',
  'x/y/z/a',
  'x/y/z/b.log',
  'y/a',
  'y/x/a',
  '!a',
  '#a',
  'a b',
];

function ignoredByGit(): ReadonlySet<string> {
  const { stdout } = spawnSync('git', ['check-ignore', '--no-index', '--stdin', '-z'], {
    cwd: repository,
    input: paths.map((path) => `${path}\0`).join(''),
    env: { PATH: process.env.PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' },
  });
  return new Set(
    stdout
      .toString()
      .split('\0')
      .filter((path) => path !== ''),
  );
}

const step = fc.constantFrom(
  'a',
  'b.log',
  '*',
  '*.log',
  '?',
  '[ab]',
  '[!a]',
  '[a-b]*',
  '**',
  'x',
  'y',
  'a*',
  '\\a',
  'z',
);
const pattern = fc
  .tuple(fc.constantFrom('', '!', '/'), fc.array(step, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '/', '/**'))
  .map(([before, steps, after]) => `${before}${steps.join('/')}${after}`);
const file = fc.array(fc.oneof(pattern, fc.constantFrom('# comment', '', '\\#a', '\\!a', 'a b', 'a  ', '[', 'x\r')), {
  maxLength: 6,
});

test('a file fits as git says, whatever the patterns and wherever the ignore files are', () => {
  fc.assert(
    fc.property(file, file, (top, below) => {
      writeFileSync(join(repository, '.gitignore'), top.join('\n'));
      writeFileSync(join(repository, 'x/.gitignore'), below.join('\n'));
      const rules = new IgnoreRules();
      rules.add('', top.join('\n'));
      rules.add('x', below.join('\n'));
      expect(paths.filter((path) => rules.ignores(path, false))).toEqual(
        [...ignoredByGit()].toSorted((one, other) => paths.indexOf(one) - paths.indexOf(other)),
      );
    }),
    { numRuns: 150 },
  );
}, 60_000);

test('a pattern that takes a regular expression years takes no time', () => {
  const rules = new IgnoreRules({ exclude: [`${'a*'.repeat(60)}b`, `${'**/'.repeat(60)}b`] });
  expect(rules.ignores(`${'a/'.repeat(200)}${'a'.repeat(255)}`, false)).toBe(false);
});

test('what is included comes, also out of an ignored directory, and our own files never do', () => {
  const rules = new IgnoreRules({ include: ['.env', 'build/keep/'], exclude: ['*.env', 'build/'] });
  expect(rules.ignores('.env', false)).toBe(false);
  expect([rules.ignores('build/keep/file', false), rules.ignores('build/other', false)]).toEqual([false, true]);
  expect([rules.mayHoldIncluded('build'), rules.mayHoldIncluded('other')]).toEqual([true, false]);
  expect([
    rules.ignores('.git', true),
    rules.ignores('a/.git/config', false),
    rules.ignores('.recac-stage-x/a', false),
  ]).toEqual([true, true, true]);
});
