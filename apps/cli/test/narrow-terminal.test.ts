import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { type CliWorld, createCliWorld } from './cli-process.ts';
import { runInTerminal, terminalTest } from './pseudo-terminal.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await createCliWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

// No issue number: a review found that the width was that of stdout, and a line that wraps cannot be erased.
terminalTest('a line that changes fits the terminal of stderr, wherever stdout goes', async () => {
  await writeFile(join(world.project, 'large'), Buffer.alloc(2_000_000));
  const redirected = {
    ...world,
    argv: ['/bin/sh', '-c', 'exec "$@" >/dev/null', 'sh', ...world.argv],
    environment: { ...world.environment, RECAC_WORKSPACE_UPLOAD_LIMIT: '1Mi' },
  };
  const steps = [
    ['[y/N]', { size: [24, 20] }],
    ['', 'y\n'],
  ] as const;
  const { code, shown } = await runInTerminal(redirected, ['run', '--', 'true'], steps);
  expect(code, shown).toBe(0);
  expect(shown).toContain('recac: bringing the');
  expect(shown).not.toContain('recac: bringing the work');
});
