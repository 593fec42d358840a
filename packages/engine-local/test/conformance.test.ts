import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineConformance } from '@recac/engine-conformance';
import { afterAll, describe, test } from 'vitest';
import { createLocalEngine, type LocalEngineOptions } from '../src/index.ts';
import { findShells } from './find-shells.ts';

function conform(name: string, options: LocalEngineOptions): void {
  describe(name, () => {
    const stateDirectory = mkdtempSync(join(tmpdir(), 'recac-local-'));
    afterAll(() => rmSync(stateDirectory, { recursive: true, force: true }));
    engineConformance({ describe, test, createEngine: () => createLocalEngine({ stateDirectory, ...options }) });
  });
}

for (const { name, argv, missing } of findShells()) {
  if (missing) test.skip(`local engine with ${name} (skipped: ${name} is not installed)`, () => {});
  else conform(`local engine with ${name}`, { shell: argv });
}

conform('local engine without /proc and setsid, as on macOS', {
  platform: { processTable: false, sessions: false, root: false },
});
