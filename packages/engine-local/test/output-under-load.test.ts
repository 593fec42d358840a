import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLocalEngine } from '../src/index.ts';
import { findShells } from './find-shells.ts';

/**
 * Makes every start of `cat`, the pump, slow, as on a busy machine: the client then releases the dispatcher, whose look at the pumps must not take
 * one that has not begun for one that is done.
 */
async function makeSlowPath(directory: string): Promise<void> {
  const script = '#!/bin/sh\ni=0\nwhile [ $i -lt 200000 ]; do i=$((i + 1)); done\nexec /bin/cat "$@"\n';
  execFileSync('sh', ['-c', 'printf %s "$1" >"$2/cat" && chmod +x "$2/cat"', 'sh', script, directory]);
}

for (const { name, argv, missing } of findShells()) {
  test.skipIf(missing || name === 'busybox')(
    `a pump that is slow to begin loses nothing and is not taken for a held output (${name})`,
    async () => {
      const directory = await mkdtemp(join(tmpdir(), 'recac-slow-'));
      await makeSlowPath(directory);
      const path = process.env.PATH;
      process.env.PATH = `${directory}:${path}`;
      try {
        await using engine = createLocalEngine({ stateDirectory: join(directory, 'state'), shell: argv });
        const { id } = await engine.startEnvironment({ sessionId: 'slow' });
        const results = await Promise.all([1, 2, 3].map((number) => engine.exec(id, ['echo', `out ${number}`])));
        expect(results.map(({ stdout, outputHeldOpen }) => [stdout, outputHeldOpen])).toEqual([
          ['out 1\n', false],
          ['out 2\n', false],
          ['out 3\n', false],
        ]);
        await engine.stopEnvironment(id);
        expect(await readdir(join(directory, 'state'))).toEqual([]);
      } finally {
        process.env.PATH = path;
        await rm(directory, { recursive: true, force: true });
      }
    },
  );
}
