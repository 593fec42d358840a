import { randomUUID } from 'node:crypto';
import type { ContainerEngine, EnvironmentSpec } from '@recac/engine-core';
import { createDockerEngine, type DockerEngineOptions } from '../src/index.ts';

/** Image of busybox that the tests run in. */
export const busyboxImage = 'recac-test/busybox:1';

/** What a test gets that runs in an environment. */
export interface TestEnvironment {
  readonly engine: ContainerEngine;
  readonly id: string;
  /** Warnings of the start. */
  readonly warnings: readonly string[];
}

/** Runs a test in an environment of its own, and stops it. */
export async function withEnvironment<T>(
  options: DockerEngineOptions,
  spec: Partial<EnvironmentSpec>,
  run: (environment: TestEnvironment) => Promise<T>,
): Promise<T> {
  const warnings: string[] = [];
  await using engine = createDockerEngine(options);
  const { id } = await engine.startEnvironment(
    { sessionId: `test-${randomUUID()}`, image: busyboxImage, ...spec },
    { onWarning: (message) => warnings.push(message) },
  );
  try {
    return await run({ engine, id, warnings });
  } finally {
    await engine.stopEnvironment(id);
  }
}
