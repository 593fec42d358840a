import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { describeDocker } from '@recac/e2e-docker';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packContext } from '../../src/build/context-archive.ts';
import { IgnoreRules, readIgnoreRules } from '../../src/build/ignore-rules.ts';

const run = promisify(execFile);
const files = [
  'a.txt',
  'b.txt',
  'c.md',
  '.hidden',
  'README.md',
  'README-secret.md',
  'dir/a.txt',
  'dir/b.md',
  'dir/sub/a.txt',
  'dir/sub/deep/a.txt',
  'node_modules/x/index.js',
  'packages/one/node_modules/y.js',
  'packages/one/src/y.ts',
  'docs/guide/a.md',
  'docs/b.md',
  'temp/1/a',
  'temp/22/b',
  'with space.txt',
  '[x].txt',
  'x-y',
  'ünï/ç.txt',
]; // prettier-ignore
const tables: readonly string[] = [
  '',
  '*',
  '**',
  '*.txt',
  '**/*.txt',
  'dir',
  'dir/',
  '/dir',
  './dir',
  'dir/*',
  'dir/**',
  '**/dir',
  '**/a.txt',
  'dir/**/a.txt',
  '*/a.txt',
  '*\n!a.txt',
  '*\n!dir',
  '*\n!dir/sub',
  '*\n!**/a.txt',
  'dir\n!dir/sub/a.txt',
  '!a.txt\n*',
  '*.md\n!README*.md\nREADME-secret.md',
  'node_modules',
  '**/node_modules',
  'temp/?',
  'temp/??',
  '*/temp*',
  'temp?',
  '[a-b].txt',
  '[^a].txt',
  '\\[x\\].txt',
  '# a.txt\na.txt',
  '  b.txt  ',
  '.dockerignore',
  'Dockerfile',
  '.*',
  'with space.txt',
  '**/sub/**',
  '**/*',
  'dir/../a.txt',
  '!dir\ndir',
  'docs/**/*.md\n!docs/b.md',
  'ünï',
  '*/*/a.txt',
  'dir/*/deep',
  '**/s*b',
  '! a.txt\n*',
  '*\n! a.txt',
  'x-[x-z]',
  '?.txt',
  '**\n!dir/b.md',
  '//dir',
  '.',
];

/** What our archive of the context holds besides directories, by the names that tar lists. */
async function listOurs(context: string): Promise<readonly string[]> {
  const rules = await readIgnoreRules(context, 'Dockerfile');
  const archive = join(dirname(context), 'context.tar');
  await writeFile(archive, Readable.from(packContext(context, { rules, onSkipped: () => {} })));
  const { stdout } = await run('tar', ['--list', '--quoting-style=literal', '--file', archive], {
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.endsWith('/'))
    .sort();
}

describeDocker('.dockerignore', ({ host }) => {
  let directory: string;
  let context: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recac-ignore-'));
    context = join(directory, 'context');
    for (const file of files) {
      await mkdir(dirname(join(context, file)), { recursive: true });
      await writeFile(join(context, file), file);
    }
    await symlink('dir', join(context, 'link'));
    await writeFile(join(context, 'Dockerfile'), 'FROM scratch\nCOPY . /context\n');
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  test.each(tables)('%j leaves out what the docker command leaves out', async (text) => {
    await writeFile(join(context, '.dockerignore'), text);
    const tag = 'recac-test-ignore:1';
    const docker = (...args: string[]) =>
      run('docker', args, { env: { ...process.env, DOCKER_HOST: host, DOCKER_BUILDKIT: '0' }, maxBuffer: 1e8 });
    const archive = join(directory, 'image.tar');
    const layers = join(directory, 'image');
    try {
      await docker('build', '--quiet', '--tag', tag, context);
      await docker('save', '--output', archive, tag);
    } finally {
      await docker('rmi', '--force', tag).catch(() => {});
    }
    await rm(layers, { recursive: true, force: true });
    await mkdir(layers);
    await run('tar', ['--extract', '--file', archive, '--directory', layers]);
    const script = 'for f in $(find "$0" -name layer.tar); do tar --list --quoting-style=literal --file "$f"; done';
    const { stdout } = await run('sh', ['-c', script, layers], { env: { ...process.env, LC_ALL: 'C.UTF-8' } });
    const theirs = stdout
      .split('\n')
      .filter((line) => line.startsWith('context/') && !line.endsWith('/'))
      .map((line) => line.slice('context/'.length))
      .sort();
    // The daemon drops these two itself when the patterns fit them; they have to be sent.
    const own = (paths: readonly string[]) => paths.filter((path) => path !== 'Dockerfile' && path !== '.dockerignore');
    const ours = await listOurs(context);
    expect(own(ours)).toEqual(own(theirs));
    expect(ours).toEqual(expect.arrayContaining(['Dockerfile', '.dockerignore']));
  });
});

describe('ignore rules', () => {
  test('a rule without an end is refused, with its file', async () => {
    const context = await mkdtemp(join(tmpdir(), 'recac-ignore-'));
    try {
      await writeFile(join(context, '.dockerignore'), '[a\n');
      await expect(readIgnoreRules(context, 'Dockerfile')).rejects.toMatchObject({
        code: 'RECAC_INVALID_ARGUMENT',
        details: { field: 'context' },
      });
      await writeFile(join(context, 'Dockerfile.dockerignore'), 'a\n');
      expect((await readIgnoreRules(context, 'Dockerfile')).ignores('a')).toBe(true);
    } finally {
      await rm(context, { recursive: true, force: true });
    }
  });

  test('a path that is written as it is fits, and what is in it, and takes itself back', () => {
    const part = fc.stringMatching(/^[a-z0-9 ._-]*[a-z0-9][a-z0-9_-]*$/).map((text) => `x${text}`);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const path = parts.join('/');
        const rules = new IgnoreRules(path);
        expect(rules.ignores(path) && rules.ignores(`${path}/more`)).toBe(true);
        expect(rules.ignores(`${path}x`)).toBe(false);
        expect(new IgnoreRules(`**\n!${path}`).ignores(path)).toBe(false);
      }),
    );
  });
});
