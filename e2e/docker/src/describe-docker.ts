import process from 'node:process';
import { describe, test } from 'vitest';

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
  const { RECAC_TEST_DOCKER_HOST: host, RECAC_TEST_DOCKER_MISSING: missing } = process.env;
  if (host !== undefined && host !== '') {
    describe(title, () => body({ host }));
    return;
  }
  const reason = missing ?? 'no daemon: set RECAC_TEST_DOCKER_HOST';
  if (process.env.CI === 'true' || process.env.RECAC_REQUIRE_ALL === '1') {
    test(title, () => {
      throw new Error(`a Docker daemon is required here: ${reason}`);
    });
    return;
  }
  describe.skip(`${title} (skipped: ${reason})`, () => body({ host: 'unix:///nonexistent' }));
}
