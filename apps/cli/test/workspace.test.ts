import { execFileSync } from 'node:child_process';
import { access, mkdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CliWorld, createCliWorld } from './cli-process.ts';

let world: CliWorld;
beforeEach(async () => {
  world = await createCliWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const inProject = (name: string): string => join(world.project, name);
const read = (name: string): Promise<string> => readFile(inProject(name), 'utf8');
const exists = (name: string): Promise<boolean> =>
  access(inProject(name)).then(
    () => true,
    () => false,
  );
const git = (...words: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...words], {
    cwd: world.project,
  }).toString();

async function createRepository(): Promise<void> {
  git('init', '-q', '-b', 'main');
  await writeFile(inProject('list'), '1\n2\n3\n4\n5\n6\n7\n8\n9\n');
  await writeFile(inProject('old'), 'old\n');
  git('add', '-A');
  git('commit', '-qm', 'first');
}

const agent = `sed -i s/9/nine/ list && git commit -qam 'nine' && echo new >made && git rm -q old && git commit -qam 'no old' && echo more >>made`;

describe('git', () => {
  beforeEach(createRepository);

  test('run says why, leaves the working tree alone and names the next command; diff and apply go on from there', async () => {
    await writeFile(inProject('dirty'), 'dirty\n');
    const ran = await world.run(['run', '--name', 'work', '-c', `[ "$(cat dirty)" = dirty ] && ${agent}`]);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stderr).toContain('workspace: git, because the directory is a git repository');
    expect(ran.stderr).toMatch(/recac\/work: 2 commits, 3 files changed, \+3 -2 lines/);
    expect(ran.stderr).toContain('next: recac diff work, then recac apply work');
    expect(git('status', '--short')).toBe('?? dirty\n');
    expect((await world.run(['diff', 'work', '--name-status'])).stdout).toBe('M\tlist\nA\tmade\nD\told\n');
    expect((await world.run(['diff', 'work'])).stdout).toContain('+nine');
    await writeFile(inProject('list'), 'one\n2\n3\n4\n5\n6\n7\n8\n9\n');
    const applied = await world.run(['apply', 'work', '--json']);
    expect(applied.code, applied.stderr).toBe(0);
    expect(JSON.parse(applied.stdout)).toMatchObject({ changed: ['list', 'made', 'old'], conflicts: [] });
    expect(await read('list')).toBe('one\n2\n3\n4\n5\n6\n7\n8\nnine\n');
    expect([await read('made'), await exists('old'), git('rev-list', '--count', 'HEAD')]).toEqual([
      'new\nmore\n',
      false,
      '1\n',
    ]);
  });

  // No issue number: a review found that the patch could not be applied.
  test('diff --json has a patch that is no UTF-8 as bytes, too', async () => {
    await world.run(['run', '-q', '--name', 'work', '-c', "printf '\\351t\\351\\n' >list"]);
    const { stdout } = await world.run(['diff', '--json', 'work']);
    const { differenceBase64 } = JSON.parse(stdout) as { readonly differenceBase64: string };
    await writeFile(join(world.directory, 'patch'), Buffer.from(differenceBase64, 'base64'));
    git('apply', join(world.directory, 'patch'));
    expect((await readFile(inProject('list'))).toString('latin1')).toBe('\u00e9t\u00e9\n');
    const names = JSON.parse((await world.run(['diff', '--json', '--name-status', 'work'])).stdout) as object;
    expect(Object.keys(names)).toEqual(['session', 'format', 'difference']);
  });

  test('a place that both sides changed stays as it is, the other version lies beside, and the exit code is 1', async () => {
    await world.run(['run', '-q', '--name', 'work', '-c', agent]);
    await writeFile(inProject('list'), '1\n2\n3\n4\n5\n6\n7\n8\nNEUN\n');
    const { code, stderr } = await world.run(['apply', 'work']);
    expect(code).toBe(1);
    expect(stderr).toContain('list is as it was, the version of work is list.recac-work');
    expect(await read('list')).toContain('NEUN');
    expect(await read('list.recac-work')).toContain('nine');
    expect(await exists('made')).toBe(true);
  });

  test('merge brings the commits and what was not committed; a second time there is nothing more', async () => {
    await world.run(['run', '-q', '--name', 'work', '-c', agent]);
    git('config', 'user.name', 'Owner');
    git('config', 'user.email', 'owner@localhost');
    expect((await world.run(['merge', 'work'])).stderr).toContain('merged recac/work');
    expect(git('log', '--format=%s').split('\n').slice(0, 4)).toEqual([
      'Uncommitted work of work',
      'no old',
      'nine',
      'first',
    ]);
    expect((await world.run(['merge', 'work'])).code).toBe(0);
    expect(git('log', '--format=%s').split('\n')).toHaveLength(5);
    expect(git('status', '--short')).toBe('');
  });

  test('a merge that would conflict is not begun', async () => {
    await world.run(['run', '-q', '--name', 'work', '-c', agent]);
    await writeFile(inProject('list'), '1\n2\n3\n4\n5\n6\n7\n8\nNEUN\n');
    git('commit', '-qam', 'neun');
    const { code, stderr } = await world.run(['merge', 'work']);
    expect(code).toBe(1);
    expect(stderr).toContain('RECAC_WORKSPACE_CONFLICT');
    expect(stderr).toContain('conflicts in list');
    expect([git('status', '--short'), git('log', '-1', '--format=%s')]).toEqual(['', 'neun\n']);
  });

  test('checkout switches to a branch with the work', async () => {
    await world.run(['run', '-q', '--name', 'work', '-c', agent]);
    expect((await world.run(['checkout', 'work'])).code).toBe(0);
    expect([git('branch', '--show-current'), await read('made')]).toEqual(['recac/work\n', 'new\nmore\n']);
    git('switch', '-q', 'main');
    expect([await exists('old'), await exists('made')]).toEqual([true, false]);
  });

  // No issue number: a review found that both said 130 whatever the signal was.
  test.each(['push', 'pull'])('%s that is terminated exits with 143', async (verb) => {
    await world.run(['start', '-q', '--name', 'work']);
    const programs = join(world.directory, 'programs');
    await mkdir(programs);
    const path = world.environment.PATH;
    const hereOnly = `#!/bin/sh\n[ -n "$RECAC_ENVIRONMENT" ] || PATH='${path}' exec git "$@"\n: >"$0.begun"; exec sleep 60\n`;
    await writeFile(join(programs, 'git'), hereOnly, { mode: 0o755 });
    const environment = { PATH: `${programs}:${path}` };
    const moving = world.start([verb, 'work', '--json'], { environment });
    await expect.poll(() => exists('../programs/git.begun'), { timeout: 15_000 }).toBe(true);
    moving.child.kill('SIGTERM');
    const { code, stdout } = await moving.finished;
    expect([code, JSON.parse(stdout)]).toMatchObject([143, { error: { code: 'RECAC_ABORTED' } }]);
  });

  test('push and pull while a session runs, from any process; stop brings the rest', async () => {
    await world.run(['start', '-q', '--name', 'work']);
    await world.run(['exec', 'work', '--', 'sh', '-c', 'echo there >there']);
    await writeFile(inProject('here'), 'here\n');
    const pushed = await world.run(['push', 'work', '--json']);
    expect(JSON.parse(pushed.stdout)).toMatchObject({ strategy: 'git', changed: 1, conflicts: [] });
    expect((await world.run(['exec', 'work', '--', 'cat', 'here', 'there'])).stdout).toBe('here\nthere\n');
    expect((await world.run(['pull', 'work'])).stderr).toContain('recac apply work');
    expect(git('show', 'refs/recac/work/work:there')).toBe('there\n');
    await world.run(['exec', 'work', '--', 'sh', '-c', 'echo last >last']);
    expect((await world.run(['stop', 'work'])).stderr).toContain('2 files changed');
    expect(git('show', 'refs/recac/work/work:last')).toBe('last\n');
    expect((await world.run(['rescue'])).stdout).toMatch(/^NAME.*\nwork .*refs\/recac\/work\/work/);
  });

  test('a second session of the same name does not cover what the first one left', async () => {
    await world.run(['run', '-q', '--name', 'work', '-c', 'echo one >one']);
    await world.run(['run', '-q', '--name', 'work', '-c', 'echo two >two']);
    const { work } = JSON.parse((await world.run(['rescue', '--json'])).stdout) as {
      readonly work: readonly { readonly reference: string }[];
    };
    expect(work).toHaveLength(2);
    const kept = work.map(({ reference }) => git('ls-tree', '--name-only', reference));
    expect(kept.some((names) => names.includes('one\n')) && kept.some((names) => names.includes('two\n'))).toBe(true);
  });

  test('what the command leaves comes back also when it fails, is killed by its limit, or recac is told to stop', async () => {
    expect((await world.run(['run', '-q', '--name', 'failed', '-c', 'echo x >x; exit 7'])).code).toBe(7);
    expect(
      (await world.run(['run', '-q', '--name', 'late', '--timeout', '1s', '-c', 'echo x >x; sleep 60'])).code,
    ).toBe(124);
    const running = world.start(['run', '--name', 'told', '-c', 'echo x >x; echo begun; sleep 60']);
    await running.waitFor('begun');
    running.child.kill('SIGINT');
    expect((await running.finished).code).toBe(130);
    for (const name of ['failed', 'late', 'told']) expect(git('show', `refs/recac/${name}/work:x`)).toBe('x\n');
  });

  test('after kill -9 of the client the work is in the session, and another process brings it back', async () => {
    const running = world.start(['run', '--name', 'killed', '-c', 'echo x >x; echo begun; sleep 60']);
    await running.waitFor('begun');
    running.child.kill('SIGKILL');
    await running.finished;
    const { stdout } = await world.run(['rescue', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ sessions: [{ sessionId: 'killed', strategy: 'git' }] });
    expect((await world.run(['stop', 'killed'])).code).toBe(0);
    expect(git('show', 'refs/recac/killed/work:x')).toBe('x\n');
  });

  test('work that cannot be brought back keeps its environment, and the message says how to get at it', async () => {
    await world.run(['start', '-q', '--name', 'work']);
    await world.run([
      'exec',
      'work',
      '--',
      'sh',
      '-c',
      'mkdir inner && cd inner && git init -q && echo x >x && git add x && git -c user.name=a -c user.email=b commit -qm x',
    ]);
    const stopped = await world.run(['stop', 'work']);
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toContain('recac cp work:inner');
    expect(stopped.stderr).toContain('recac stop --discard work');
    expect(await world.list()).toHaveLength(1);
    expect((await world.run(['stop', '--discard', 'work'])).code).toBe(0);
    expect(await world.list()).toEqual([]);
  });

  test('diff of a name that nobody knows, and outside of a repository', async () => {
    expect((await world.run(['diff', 'nobody'])).stderr).toContain('RECAC_WORKSPACE_UNAVAILABLE');
    await rm(inProject('.git'), { recursive: true });
    expect((await world.run(['apply', 'nobody'])).stderr).toContain('not the top of a git repository');
    expect((await world.run(['push', 'nobody'])).stderr).toContain('RECAC_ENVIRONMENT_NOT_FOUND');
  });
});

describe('upload', () => {
  beforeEach(async () => {
    await writeFile(inProject('text'), 'one\n');
    await writeFile(inProject('gone'), 'gone\n');
  });

  test('run brings what changed into the directory, and the summary says so', async () => {
    const ran = await world.run(['run', '--json', '-c', 'echo two >>text; rm gone; echo new >made']);
    expect(ran.stderr).toContain('workspace: upload, because the directory is not the top of a git repository');
    expect(JSON.parse(ran.stdout)).toMatchObject({ strategy: 'upload', work: { changedFiles: 3, conflicts: [] } });
    expect([await read('text'), await read('made'), await exists('gone')]).toEqual(['one\ntwo\n', 'new\n', false]);
  });

  test('what both sides changed is kept on both, and pull says so by its exit code', async () => {
    await world.run(['start', '-q', '--name', 'up']);
    await world.run(['exec', 'up', '--', 'sh', '-c', 'echo there >text']);
    await writeFile(inProject('text'), 'here\n');
    const pulled = await world.run(['pull', 'up']);
    expect([pulled.code, pulled.stderr.includes('changed on both sides: text')]).toEqual([1, true]);
    expect([await read('text'), await read('text.recac-up')]).toEqual(['here\n', 'there\n']);
    expect((await world.run(['diff', 'up'])).stderr).toContain('recac pull up');
  });

  test('more than the limit is refused before anything starts, and the message names where it is', async () => {
    await writeFile(inProject('large'), Buffer.alloc(2_000_000));
    const { code, stderr } = await world.run(['run', '--', 'true'], {
      environment: { RECAC_WORKSPACE_UPLOAD_LIMIT: '1Mi' },
    });
    expect(code).toBe(125);
    expect(stderr).toContain('large (1.9 MiB)');
    expect(await world.list()).toEqual([]);
    const agreed = await world.run(['run', '--yes', '--', 'wc', '-c', 'large'], {
      environment: { RECAC_WORKSPACE_UPLOAD_LIMIT: '1Mi' },
    });
    expect([agreed.code, agreed.stdout]).toEqual([0, '2000000 large\n']);
    await unlink(inProject('large'));
  });

  test('push has the limit of the configuration, and --yes sends more', async () => {
    await world.run(['start', '-q', '--name', 'large']);
    await writeFile(inProject('large'), Buffer.alloc(2_000_000));
    const environment = { RECAC_WORKSPACE_UPLOAD_LIMIT: '1Mi' };
    const refused = await world.run(['push', 'large'], { environment });
    expect([refused.code, refused.stderr.includes('more than the limit of 1.0 MiB')], refused.stderr).toEqual([
      1,
      true,
    ]);
    const agreed = await world.run(['push', 'large', '--yes'], { environment });
    expect([agreed.code, agreed.stderr.includes('1 changed')], agreed.stderr).toEqual([0, true]);
  });

  test('push --watch keeps both sides in step, until Ctrl-C', async () => {
    await world.run(['start', '-q', '--name', 'step']);
    const watching = world.start(['push', 'step', '--watch']);
    await watching.waitFor('watching');
    await expect
      .poll(
        async () => {
          await writeFile(inProject('here'), `${Date.now()}\n`);
          return (await world.run(['exec', 'step', '--', 'cat', 'here'])).code;
        },
        { timeout: 15_000 },
      )
      .toBe(0);
    await world.run(['exec', 'step', '--', 'sh', '-c', 'echo there >there']);
    await expect.poll(() => exists('there'), { timeout: 15_000 }).toBe(true);
    watching.child.kill('SIGINT');
    expect((await watching.finished).code).toBe(0);
    const terminated = world.start(['push', 'step', '--watch']);
    await terminated.waitFor('watching');
    terminated.child.kill('SIGTERM');
    expect((await terminated.finished).code).toBe(143);
  });

  test('a checkpoint brings work back while the command runs', async () => {
    const running = world.start([
      'run',
      '--checkpoint',
      '1s',
      '--name',
      'check',
      '-c',
      'echo x >early; echo begun; sleep 60',
    ]);
    await running.waitFor('begun');
    await expect.poll(() => exists('early'), { timeout: 15_000 }).toBe(true);
    running.child.kill('SIGINT');
    await running.finished;
  });
});
