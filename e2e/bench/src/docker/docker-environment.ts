import { randomUUID } from 'node:crypto';
import type { ContainerEngine, EnvironmentSpec } from '@recac/engine-core';
import { createDockerEngine } from '@recac/engine-docker';
import { benchImage, dockerHost } from './docker-peer.ts';

/** What an environment of a benchmark is made of. */
export function benchSpec(workspace: EnvironmentSpec['workspace'] = { type: 'scratch' }): EnvironmentSpec {
  return { sessionId: `bench-${randomUUID()}`, image: benchImage, workspace, user: '10000:10000' };
}

/** Runs work with an engine, and removes every environment that it has left. */
export async function withDockerEngine<T>(
  work: (engine: ContainerEngine) => Promise<T>,
  host: string = dockerHost,
): Promise<T> {
  await using engine = createDockerEngine({ host });
  try {
    await engine.init();
    return await work(engine);
  } finally {
    const left = await engine.listEnvironments();
    const ours = left.filter(({ sessionId }) => sessionId.startsWith('bench-'));
    await Promise.all(ours.map(({ id }) => engine.stopEnvironment(id)));
  }
}

/** Runs work with several environments, and stops them. */
export function withDockerEnvironments<T>(
  count: number,
  work: (engine: ContainerEngine, ids: readonly string[]) => Promise<T>,
): Promise<T> {
  return withDockerEngine(async (engine) => {
    const environments = await Promise.all(Array.from({ length: count }, () => engine.startEnvironment(benchSpec())));
    return work(
      engine,
      environments.map(({ id }) => id),
    );
  });
}
