import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '@recac/engine-core';
import { RecacError } from '@recac/engine-core';
import { createLocalEngine } from '@recac/engine-local';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { extractArchive } from '../src/archive/extract-archive.ts';
import { applyWork, createGitWorkspace, findRepository } from '../src/index.ts';
import { inPieces, toTar } from './copy/tar-bytes.ts';

let directory: string;
let project: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-hostile-'));
  project = join(directory, 'project');
  await mkdir(project);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const git = (...words: readonly string[]): string => execFileSync('git', words, { cwd: project }).toString();

/** Pushes the project, runs a script in the environment, and gives what `work` gives. */
async function withGit<T>(
  script: string,
  work: (strategy: ReturnType<typeof createGitWorkspace>, environment: Environment) => Promise<T>,
): Promise<T> {
  await using engine = createLocalEngine({ stateDirectory: join(directory, 'state') });
  const strategy = createGitWorkspace({ engine, path: project });
  const environment = await engine.startEnvironment({ sessionId: 'hostile', workspace: await strategy.prepare() });
  try {
    await strategy.push(environment);
    const result = await engine.exec(environment.id, ['sh', '-c', script]);
    expect(result.exitCode, result.stderr).toBe(0);
    return await work(strategy, environment);
  } finally {
    await engine.stopEnvironment(environment.id);
  }
}

describe('a repository of this machine that an agent wrote to', () => {
  test('runs no hook, filter, monitor, driver or helper that it names', async () => {
    git('init', '-q');
    const marker = join(directory, 'ran');
    const program = join(directory, 'program');
    await writeFile(program, `#!/bin/sh\necho "$0 $*" >>'${marker}'\ncat 2>/dev/null\nexit 0\n`);
    await chmod(program, 0o755);
    await writeFile(join(project, 'file'), '1\n2\n3\n');
    await writeFile(join(project, '.gitattributes'), '* filter=evil diff=evil merge=evil\n');
    for (const hook of [
      'pre-commit',
      'post-checkout',
      'post-index-change',
      'reference-transaction',
      'applypatch-msg',
      'post-merge',
    ]) {
      await mkdir(join(project, '.git/hooks'), { recursive: true });
      await writeFile(join(project, '.git/hooks', hook), await readFile(program));
      await chmod(join(project, '.git/hooks', hook), 0o755);
    }
    const settings = [
      'core.fsmonitor',
      'filter.evil.clean',
      'filter.evil.smudge',
      'filter.evil.process',
      'diff.evil.textconv',
      'diff.evil.command',
      'diff.external',
      'merge.evil.driver',
      'core.pager',
      'core.editor',
      'core.sshCommand',
      'credential.helper',
      'gpg.program',
      'core.alternateRefsCommand',
    ];
    for (const setting of settings) git('config', setting, program);
    git('config', 'commit.gpgSign', 'true');
    git('config', 'filter.evil.required', 'true');
    git('config', 'core.hooksPath', join(project, '.git/hooks'));
    await withGit('printf "1\\n2\\nthree\\n" >file; echo x >made', async (strategy, environment) => {
      await writeFile(join(project, 'file'), 'one\n2\n3\n');
      await strategy.push(environment);
      await strategy.pull(environment);
      const repository = await findRepository(project);
      await applyWork(repository as NonNullable<typeof repository>, 'hostile');
    });
    expect(await readFile(marker, 'utf8').catch(() => 'nothing ran')).toBe('nothing ran');
    expect(await readFile(join(project, 'made'), 'utf8')).toBe('x\n');
  });

  test('an inherited GIT_DIR leads nowhere else', async () => {
    git('init', '-q');
    await writeFile(join(project, 'file'), 'x\n');
    process.env.GIT_DIR = join(directory, 'elsewhere');
    try {
      expect((await findRepository(project))?.directory).toContain('project');
    } finally {
      delete process.env.GIT_DIR;
    }
  });
});

describe('an environment that lies', () => {
  const toTree = (name: string): string =>
    `b=$(echo evil | git hash-object -w --stdin); raw=$(printf '%s' "$b" | sed 's/../\\\\x&/g'); t=$({ printf '100644 ${name}\\0'; printf '%b' "$raw"; } | git hash-object -t tree --literally -w --stdin); c=$(echo evil | git -c user.name=a -c user.email=b commit-tree "$t" -p HEAD); git update-ref HEAD "$c"`;

  test.each(['.git', '..', '.GIT', 'git~1'])(
    'a tree with the entry %s is refused, and no reference names it',
    async (name) => {
      git('init', '-q');
      await writeFile(join(project, 'file'), 'x\n');
      await withGit(toTree(name), async (strategy, environment) => {
        const before = git('for-each-ref', '--format=%(objectname)');
        await expect(strategy.pull(environment)).rejects.toMatchObject({ code: 'RECAC_WORKSPACE_GIT_FAILED' });
        expect(git('for-each-ref', '--format=%(objectname)')).toBe(before);
      });
    },
  );

  test('a .gitmodules that attacks is refused (CVE-2018-11235)', async () => {
    git('init', '-q');
    await writeFile(join(project, 'file'), 'x\n');
    const script = `printf '[submodule "../../evil"]\\n\\tpath = evil\\n\\turl = -u./payload\\n' >.gitmodules; git add .gitmodules; git -c user.name=a -c user.email=b commit -qm evil`;
    await withGit(script, async (strategy, environment) => {
      await expect(strategy.pull(environment)).rejects.toMatchObject({ code: 'RECAC_WORKSPACE_GIT_FAILED' });
    });
  });

  test('a HEAD that is no commit, and a repository that is gone, still give the files', async () => {
    git('init', '-q');
    await writeFile(join(project, 'file'), 'x\n');
    await withGit('echo made >made; echo broken >.git/HEAD', async (strategy, environment) => {
      await strategy.pull(environment).catch((error: unknown) => {
        if (!RecacError.isInstance(error)) throw error;
      });
    });
    await withGit('echo made >made; rm -rf .git', async (strategy, environment) => {
      await strategy.pull(environment);
      expect(git('show', 'refs/recac/hostile/work:made')).toBe('made\n');
    });
  });
});

test('whatever is done to an archive, no byte gets outside, and what is refused is refused with a reason', async () => {
  const archive = toTar([
    { name: 'a/', type: 'directory' },
    { name: 'a/file', body: 'content of a file\n' },
    { name: 'a/link', type: 'link', linkName: 'file' },
    { name: 'a/hard', type: 'hardLink', linkName: 'a/file' },
    { name: `${'long/'.repeat(30)}name`, body: 'x' },
  ]);
  const mutation = fc.record({
    at: fc.nat(archive.length - 1),
    byte: fc.constantFrom(0, 0x2e, 0x2f, 0x30, 0x31, 0x32, 0x35, 0x80, 0xff),
  });
  const outside = join(directory, 'outside');
  await mkdir(outside);
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { maxLength: 6 }), fc.nat(archive.length), async (mutations, length) => {
      const bytes = Buffer.from(archive);
      for (const { at, byte } of mutations) bytes[at] = byte;
      repairSums(bytes);
      const target = join(outside, 'target');
      const parts = inPieces(bytes.subarray(0, length < 200 ? bytes.length : length), 700);
      await extractArchive(parts, { target, skipUnsafeLinks: true, joined: true }).catch((error: unknown) => {
        const { code } = error as { readonly code?: string };
        if (typeof code !== 'string') throw error;
      });
      const names = await readdir(outside);
      await rm(target, { recursive: true, force: true });
      expect(names.filter((name) => name !== 'target')).toEqual([]);
    }),
    { numRuns: 400 },
  );
  expect((await readdir(directory)).toSorted()).toEqual(['outside', 'project']);
}, 120_000);

/** Makes the headers count again, so that the mutations behind the first check are reached too. */
function repairSums(bytes: Buffer): void {
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    if (bytes.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
    bytes.fill(' ', at + 148, at + 156);
    let sum = 0;
    for (let offset = 0; offset < 512; offset += 1) sum += bytes[at + offset] ?? 0;
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
  }
}
