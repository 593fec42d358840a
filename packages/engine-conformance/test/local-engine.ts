import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerEngine } from '@recac/engine-core';
import { createLocalEngine } from '@recac/engine-local';

/** A place for engines under test. */
export interface EngineUnderTest {
  /** A fresh engine; all share one state directory. */
  readonly createEngine: () => ContainerEngine;
  /** Stops what is left and removes the state directory. */
  readonly remove: () => Promise<void>;
}

/** Local engines that share a state directory of their own. */
export function prepareLocalEngines(): EngineUnderTest {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'recac-suite-'));
  const createEngine = () => createLocalEngine({ stateDirectory });
  const remove = async () => {
    await using engine = createEngine();
    for (const { id } of await engine.listEnvironments()) await engine.stopEnvironment(id);
    await rm(stateDirectory, { recursive: true, force: true, maxRetries: 3 });
  };
  return { createEngine, remove };
}
