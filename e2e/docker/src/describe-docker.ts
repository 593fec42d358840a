import process from 'node:process';
import { describe, test } from 'vitest';
import { missingBuildx } from './buildx-plugin.ts';
import { missingForDaemon } from './missing-parts.ts';
import { missingForPodman } from './start-podman.ts';

/** The daemon that tests run against. */
export interface TestDaemon {
  /** Where it answers, such as `unix:///run/docker.sock`. */
  readonly host: string;
}

/**
 * A `describe` for tests that need a Docker daemon with the test images. Without one its tests are skipped, with the
 * reason in the title; where every component is required that is a failure. The body itself must not use the daemon.
 */
export function describeDocker(title: string, body: (daemon: TestDaemon) => void): void {
  describeUnless(missingSharedDaemon(), title, () => body({ host: process.env.RECAC_TEST_DOCKER_HOST ?? '' }));
}

/** As `describeDocker`, for tests that also need the docker command with buildx (`installBuildx`). */
export function describeBuildx(title: string, body: (daemon: TestDaemon) => void): void {
  const reason = missingSharedDaemon() ?? missingBuildx();
  describeUnless(reason, title, () => body({ host: process.env.RECAC_TEST_DOCKER_HOST ?? '' }));
}

/** A `describe` for tests that start daemons of their own with `startDaemon`, skipped in the same way. */
export function describeOwnDaemon(title: string, body: () => void): void {
  describeUnless(missingForDaemon(), title, body);
}

/** A `describe` for tests that start a Podman of their own with `startPodman`, skipped in the same way. */
export function describePodman(title: string, body: () => void): void {
  describeUnless(missingForPodman(), title, body);
}

function missingSharedDaemon(): string | undefined {
  const { RECAC_TEST_DOCKER_HOST: host, RECAC_TEST_DOCKER_MISSING: missing } = process.env;
  return host ? undefined : (missing ?? 'no Docker daemon: set RECAC_TEST_DOCKER_HOST');
}

function describeUnless(reason: string | undefined, title: string, body: () => void): void {
  if (reason === undefined) {
    describe(title, body);
  } else if (process.env.CI === 'true' || process.env.RECAC_REQUIRE_ALL === '1') {
    test(title, () => {
      throw new Error(`this component is required here: ${reason}`);
    });
  } else {
    describe.skip(`${title} (skipped: ${reason})`, body);
  }
}
