import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerEngine, Environment } from '@recac/engine-core';
import { createLocalEngine } from '@recac/engine-local';

/** Runs work in a fresh local environment and leaves nothing. */
export async function withLocalEnvironment<T>(
  work: (engine: ContainerEngine, environment: Environment) => Promise<T>,
): Promise<T> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'recac-bench-'));
  const engine = createLocalEngine({ stateDirectory });
  try {
    const environment = await engine.startEnvironment({ sessionId: 'bench' });
    try {
      return await work(engine, environment);
    } finally {
      await engine.stopEnvironment(environment.id);
    }
  } finally {
    await engine.close();
    await rm(stateDirectory, { recursive: true, force: true });
  }
}
