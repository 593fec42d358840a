import type { ContainerEngine } from '@recac/engine-core';

/** The runner's `describe`: vitest's, node:test's, or any that calls `body` at once. */
export type DescribeFunction = (title: string, body: () => void) => unknown;

/** The runner's `test`. The third argument is a time limit in milliseconds, for runners that know one. */
export interface TestFunction {
  (title: string, run: () => Promise<void>, timeoutMs?: number): unknown;
  /** Registers a test that is reported as skipped. Default: a test that passes and says so in its title. */
  readonly skip?: (title: string, run: () => Promise<void>) => unknown;
}

/** How patient the suite is. */
export interface ConformanceLimits {
  /** Multiplies every deadline and every upper bound on time; 1 or more. Default: 1. */
  readonly slow?: number;
}

/** What {@link engineConformance} needs. There is no option to leave a case out: that follows from `capabilities` alone. */
export interface ConformanceOptions {
  /** The runner's `describe`. */
  readonly describe: DescribeFunction;
  /** The runner's `test`. */
  readonly test: TestFunction;
  /** Makes a fresh engine; all of them share one backend, so that one sees the environments of another. */
  readonly createEngine: () => ContainerEngine | Promise<ContainerEngine>;
  /** Image with a POSIX `sh` and the tools of busybox. Required where `capabilities.images`. Default: none. */
  readonly image?: string;
  /**
   * Image of the cases of group `users`, for engines that become another user by a program of the image, such as `setpriv` of util-linux. It has the tools of
   * busybox too. Default: `image`.
   */
  readonly usersImage?: string;
  /** How patient the suite is. */
  readonly limits?: ConformanceLimits;
}

const optionNames = new Set(['describe', 'test', 'createEngine', 'image', 'usersImage', 'limits']);

/** Throws a `TypeError` for options that are missing or unknown. */
export function checkConformanceOptions(options: ConformanceOptions): void {
  for (const name of Object.keys(options)) {
    if (!optionNames.has(name)) throw new TypeError(`engineConformance has no option ${name}.`);
  }
  for (const name of ['describe', 'test', 'createEngine'] as const) {
    if (typeof options[name] !== 'function') throw new TypeError(`engineConformance needs the function ${name}.`);
  }
  const slow = options.limits?.slow ?? 1;
  if (!(slow >= 1 && Number.isFinite(slow))) throw new TypeError('limits.slow must be a number of 1 or more.');
}
