import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CliWorld, createCliWorld } from './cli-process.ts';
import { runInTerminal, terminalTest } from './pseudo-terminal.ts';

let world: CliWorld;
beforeEach(async () => {
  world = await createCliWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const inProject = (name: string): string => join(world.project, name);
const git = (...words: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...words], {
    cwd: world.project,
  }).toString();

const agent = `sed -i s/9/nine/ list && git commit -qam 'nine' && echo new >made && git rm -q old && git commit -qam 'no old' && echo more >>made`;

describe('rescue', () => {
  beforeEach(async () => {
    git('init', '-q', '-b', 'main');
    await writeFile(inProject('list'), '1\n9\n');
    await writeFile(inProject('old'), 'old\n');
    git('add', '-A');
    git('commit', '-qm', 'first');
  });

  test('after kill -9 and the end of the lease the files are kept, and rescue brings back commits and what was not committed', async () => {
    const script = `${agent}; echo dirty >loose; echo begun; sleep 60`;
    const running = world.start(['run', '--name', 'left', '--lease', '1s', '-c', script]);
    await running.waitFor('begun');
    running.child.kill('SIGKILL');
    await running.finished;
    await expect.poll(world.list, { timeout: 60_000, interval: 500 }).toEqual([]);
    expect((await world.run(['rescue'])).stderr).toContain('recac rescue left brings them back');
    const rescued = await world.run(['rescue', 'left']);
    expect([rescued.code, rescued.stderr.includes('recac/left: 2 commits, 4 files changed')]).toEqual([0, true]);
    expect([git('show', 'refs/recac/left/work:loose'), git('show', 'refs/recac/left/work:made')]).toEqual([
      'dirty\n',
      'new\nmore\n',
    ]);
    expect(await world.list()).toEqual([]);
    expect((await world.run(['rescue', 'left'])).stderr).toContain('RECAC_ENVIRONMENT_NOT_FOUND');
  }, 120_000);

  test('an earlier session of the same name is named, keeps its files until then, and brings them back then, as they were sent', async () => {
    const running = world.start([
      'run',
      '--name',
      'twice',
      '--lease',
      '1s',
      '-c',
      'echo first >x; echo begun; sleep 60',
    ]);
    await running.waitFor('begun');
    running.child.kill('SIGKILL');
    await running.finished;
    await expect.poll(world.list, { timeout: 60_000, interval: 500 }).toEqual([]);
    await writeFile(inProject('mine'), 'changed here meanwhile\n');
    const again = await world.run(['run', '--name', 'twice', '-c', 'echo second >x']);
    expect([again.code, again.stderr.includes('an earlier session twice left work')]).toEqual([0, true]);
    expect(git('show', 'refs/recac/twice/work:x')).toBe('second\n');
    const rescued = await world.run(['rescue', 'twice']);
    expect([rescued.code, git('show', 'refs/recac/twice/work:x')], rescued.stderr).toEqual([0, 'first\n']);
    expect(git('diff', 'refs/recac/twice/base', 'refs/recac/twice/work', '--name-only')).toBe('x\n');
    const earlier = git('for-each-ref', '--format=%(refname)', 'refs/recac-earlier/twice').trim();
    expect(git('show', `${earlier}:x`)).toBe('second\n');
    expect(JSON.parse((await world.run(['rescue', '--json'])).stdout)).toMatchObject({ kept: [] });
  }, 120_000);

  test('what came back of an earlier session of the same name is kept once', async () => {
    for (const text of ['first', 'second']) await world.run(['run', '--name', 'again', '-c', `echo ${text} >x`]);
    const earlier = git('for-each-ref', '--format=%(refname)', 'refs/recac-earlier/again').trim();
    expect([git('show', `${earlier}:x`), git('show', 'refs/recac/again/work:x')]).toEqual(['first\n', 'second\n']);
  }, 120_000);

  test('what a session left can be given up', async () => {
    const running = world.start(['run', '--name', 'given-up', '--lease', '1s', '-c', 'echo begun; sleep 60']);
    await running.waitFor('begun');
    running.child.kill('SIGKILL');
    await running.finished;
    await expect.poll(world.list, { timeout: 60_000, interval: 500 }).toEqual([]);
    expect((await world.run(['rescue', '--discard', 'given-up'])).code).toBe(0);
    expect(JSON.parse((await world.run(['rescue', '--json'])).stdout)).toMatchObject({ kept: [], sessions: [] });
  }, 120_000);
});

describe('more than the limit of an upload', () => {
  terminalTest('on a terminal it is asked about, and the answer counts', async () => {
    await writeFile(inProject('large'), Buffer.alloc(2_000_000));
    const limited = { ...world, environment: { ...world.environment, RECAC_WORKSPACE_UPLOAD_LIMIT: '1Mi' } };
    const run = (answer: string) => runInTerminal(limited, ['run', '--', 'wc', '-c', 'large'], [['[y/N]', answer]]);
    const [no, yes] = [await run('\n'), await run('y\n')];
    expect([no.code, no.shown.includes('most is in large (1.9 MiB)')]).toEqual([125, true]);
    expect([yes.code, yes.shown.includes('2000000 large')], yes.shown).toEqual([0, true]);
    expect(await world.list()).toEqual([]);
  });

  terminalTest('push asks as well', async () => {
    await world.run(['start', '-q', '--name', 'asked']);
    await writeFile(inProject('large'), Buffer.alloc(2_000_000));
    const limited = { ...world, environment: { ...world.environment, RECAC_WORKSPACE_UPLOAD_LIMIT: '1Mi' } };
    const { code, shown } = await runInTerminal(limited, ['push', 'asked'], [['[y/N]', 'y\n']]);
    expect([code, shown.includes('most is in large'), shown.includes('1 changed')], shown).toEqual([0, true, true]);
  });

  // No issue number: a review found that the first was called a defect of recac, and the second never ended.
  terminalTest('the question can be left by Ctrl-C and by Ctrl-D, and nothing stays', async () => {
    await writeFile(inProject('large'), Buffer.alloc(2_000_000));
    const limited = { ...world, environment: { ...world.environment, RECAC_WORKSPACE_UPLOAD_LIMIT: '1Mi' } };
    const interrupted = await runInTerminal(limited, ['start'], [['[y/N]', '\x03']]);
    expect([interrupted.code, interrupted.shown.includes('(RECAC_ABORTED)')], interrupted.shown).toEqual([130, true]);
    const closed = await runInTerminal(limited, ['start'], [['[y/N]', '\x04']]);
    expect([closed.code, closed.shown.includes('raise workspace.upload_limit')], closed.shown).toEqual([1, true]);
    expect(await world.list()).toEqual([]);
  });
});
