import process from 'node:process';
import type { ContainerEngine } from '@recac/engine-core';
import { createDockerEngine, type DockerEngineOptions } from '../src/index.ts';

/** Image of busybox that the tests run in. */
export const busyboxImage = process.env.RECAC_TEST_IMAGE ?? 'recac-test/busybox:1';

/** Address of the daemon that the tests use. */
export const daemonHost = process.env.RECAC_TEST_DOCKER_HOST ?? '';

/** An engine on the daemon of the tests. */
export function createTestEngine(options: DockerEngineOptions = {}): ContainerEngine {
  return createDockerEngine({ host: daemonHost, ...options });
}
