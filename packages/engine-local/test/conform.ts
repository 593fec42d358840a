import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineConformance } from '@recac/engine-conformance';
import { afterAll, describe, test } from 'vitest';
import { createLocalEngine, type LocalEngineOptions } from '../src/index.ts';
import { findShell } from './find-shells.ts';

/** Runs the conformance suite over a local engine with a state directory of its own. */
export function conform(name: string, options: LocalEngineOptions): void {
  describe(name, () => {
    const stateDirectory = mkdtempSync(join(tmpdir(), 'recac-local-'));
    afterAll(() => rmSync(stateDirectory, { recursive: true, force: true }));
    engineConformance({ describe, test, createEngine: () => createLocalEngine({ stateDirectory, ...options }) });
  });
}

/** The same with one of the shells that lanes must run under; skipped where it is not installed. */
export function conformWithShell(shell: string): void {
  const { name, argv, missing } = findShell(shell);
  if (missing) test.skip(`local engine with ${name} (skipped: ${name} is not installed)`, () => {});
  else conform(`local engine with ${name}`, { shell: argv });
}
