import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CliWorld, createCliWorld } from './cli-process.ts';

// No issue number: a review found that the exit code stood alone there.
let world: CliWorld;
beforeEach(async () => {
  world = await createCliWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const inProject = (name: string): string => join(world.project, name);
const git = (...words: readonly string[]): Buffer =>
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...words], { cwd: world.project });

test('--quiet says of a command that was lost what is known, the exit code is 125', async () => {
  await world.run(['start', '-q', '--name', 'short']);
  const running = world.start(['exec', '-q', 'short', '--', 'sh', '-c', 'echo "$PPID."; sleep 1']);
  await running.waitFor('.');
  process.kill(Number.parseInt(running.output(), 10), 'SIGKILL');
  const { code, stderr } = await running.finished;
  expect([code, stderr]).toEqual([125, expect.stringContaining('nobody knows how the command ended')]);
});

test('--quiet names what both sides changed, in pull and in apply', async () => {
  await writeFile(inProject('text'), 'one\n');
  await world.run(['start', '-q', '--name', 'up']);
  await world.run(['exec', 'up', '-c', 'echo there >text; echo new >made']);
  await writeFile(inProject('text'), 'here\n');
  const pulled = await world.run(['pull', '-q', 'up']);
  expect([pulled.code, pulled.stderr]).toEqual([1, 'recac: changed on both sides: text\n']);

  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-qm', 'first');
  await world.run(['run', '-q', '--name', 'work', '-c', 'echo theirs >text']);
  await writeFile(inProject('text'), 'ours\n');
  const applied = await world.run(['apply', '-q', 'work']);
  expect([applied.code, applied.stderr]).toEqual([
    1,
    'recac: changed on both sides: text is as it was, the version of work is text.recac-work\n',
  ]);
});
