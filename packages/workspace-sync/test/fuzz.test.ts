import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ContainerEngine, type Environment, type ExecResult, RecacError } from '@recac/engine-core';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { extractArchive } from '../src/archive/extract-archive.ts';
import { createGitWorkspace } from '../src/index.ts';
import { ManifestParser } from '../src/manifest/manifest-parser.ts';
import { inPieces } from './copy/tar-bytes.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-fuzz-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Changes of bytes, and a length to cut to; fast-check prints the seed of a failure. */
const mutations = fc.record({
  changes: fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }), { maxLength: 8 }),
  keep: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 4 }),
  twice: fc.boolean(),
});

function mutate(
  original: Buffer,
  { changes, keep, twice }: typeof mutations extends fc.Arbitrary<infer T> ? T : never,
): Buffer {
  const bytes = Buffer.from(twice ? Buffer.concat([original, original]) : original);
  for (const { at, byte } of changes) bytes[Math.floor(at * (bytes.length - 1))] = byte;
  return bytes.subarray(0, keep === null ? bytes.length : Math.floor(keep * bytes.length));
}

async function makeTree(root: string): Promise<void> {
  await mkdir(join(root, 'a/deep/er'), { recursive: true });
  await writeFile(join(root, 'a/file'), 'content\n'.repeat(100));
  await writeFile(join(root, `a/${'long'.repeat(40)}`), 'x');
  await writeFile(join(root, 'a/deep/er/data'), Buffer.alloc(3_000, 7));
  execFileSync('ln', ['-s', 'file', join(root, 'a/link')]);
  execFileSync('ln', [join(root, 'a/file'), join(root, 'a/hard')]);
}

test.each([
  ['gnu', ['--format=gnu']],
  ['pax', ['--format=pax']],
])(
  'a real %s archive, changed anywhere: nothing gets outside, and what is refused is refused by a reason',
  async (_, flags) => {
    const tree = join(directory, 'tree');
    await makeTree(tree);
    const archive = execFileSync('tar', [...flags, '-C', tree, '-cf', '-', '.']);
    const outside = join(directory, 'outside');
    await mkdir(outside);
    await fc.assert(
      fc.asyncProperty(mutations, async (mutation) => {
        const target = join(outside, 'target');
        const pieces = inPieces(mutate(archive, mutation), 1_000);
        await extractArchive(pieces, { target, skipUnsafeLinks: true, joined: true }).catch((error: unknown) => {
          expect(error).toHaveProperty('code', expect.any(String));
        });
        const names = await readdir(outside);
        await rm(target, { recursive: true, force: true });
        expect(names.filter((name) => name !== 'target')).toEqual([]);
      }),
      { numRuns: 300 },
    );
  },
  120_000,
);

test('a list of files from an environment, changed anywhere, names nothing outside', () => {
  const list = Buffer.from(
    [
      '41ed 4096 2026-01-01 00:00:00.1 +0000 2026-01-01 00:00:00.1 +0000 1 .',
      '81a4 12 2026-01-01 00:00:00.1 +0000 2026-01-01 00:00:00.1 +0000 2 ./a/b',
      '81a4 12 2026-01-01 00:00:00.1 +0000 2026-01-01 00:00:00.1 +0000 3 ./two',
      'lines',
      'a1ff 1 2026-01-01 00:00:00.1 +0000 2026-01-01 00:00:00.1 +0000 4 ./.git/config',
      '',
    ].join('\n'),
  );
  fc.assert(
    fc.property(mutations, (mutation) => {
      const parser = new ManifestParser((path) => {
        expect(path.startsWith('/')).toBe(false);
        expect(path.split('/')).not.toContain('..');
      });
      const bytes = mutate(list, mutation);
      for (let at = 0; at < bytes.length; at += 50) parser.add(bytes.subarray(at, at + 50));
      parser.finish();
    }),
    { numRuns: 2_000 },
  );
});

/** An engine whose environment sends back what it is told to, as the answer of one command. */
function sendingEngine(answer: () => Buffer): ContainerEngine {
  const exec: ContainerEngine['exec'] = async (_id, _command, options = {}) => {
    for await (const piece of inPieces(answer(), 4_000)) await options.onStdout?.(piece);
    const result = { exitCode: 0, outcome: { type: 'exited', code: 0 }, stdout: '', stderr: '', truncated: false };
    return { ...result, stdoutData: new Uint8Array(), droppedBytes: 0 } as unknown as ExecResult;
  };
  return { backend: 'fake', capabilities: { keptWorkspaces: false }, exec } as unknown as ContainerEngine;
}

test('a pack from an environment, changed anywhere: no reference names what is not whole, and git fsck is content', async () => {
  const project = join(directory, 'project');
  const git = (...words: readonly string[]): Buffer =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=b', ...words], { cwd: project });
  await makeTree(project);
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-qm', 'here');
  const other = join(directory, 'other');
  execFileSync('git', ['clone', '-q', project, other]);
  await writeFile(join(other, 'a/file'), 'changed\n');
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=b', 'commit', '-qam', 'there'], { cwd: other });
  const head = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: other }).toString().trim();
  const pack = execFileSync('git', ['pack-objects', '--revs', '--stdout', '-q'], { cwd: other, input: `${head}\n` });
  const answer = Buffer.concat([Buffer.from(`${head} ${head}\n\0\0`), pack]);
  let sent: Buffer = answer;
  const workspace = createGitWorkspace({ engine: sendingEngine(() => sent), path: project });
  const environment = { id: 'x', sessionId: 'fuzz', name: 'x', workspacePath: '/w' } as unknown as Environment;
  const before = git('for-each-ref').toString();
  await fc.assert(
    fc.asyncProperty(mutations, async (mutation) => {
      sent = mutate(answer, mutation);
      const error: unknown = await workspace.pull(environment).then(
        () => undefined,
        (failure: unknown) => failure,
      );
      if (error !== undefined) {
        expect(RecacError.isInstance(error), String(error)).toBe(true);
        expect(git('for-each-ref').toString()).toBe(before);
        return;
      }
      git('fsck', '--strict', '--full');
      expect(git('rev-parse', 'refs/recac/fuzz/work').toString().trim()).toBe(head);
      git('update-ref', '-d', 'refs/recac/fuzz/work');
      git('update-ref', '-d', 'refs/recac/fuzz/head');
    }),
    { numRuns: 60 },
  );
}, 240_000);
