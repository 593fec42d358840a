import type { ContainerEngine, EngineCapabilities } from '@recac/engine-core';
import { type ConformanceCase, conformanceGroups } from './conformance-case.ts';
import { conformanceCases } from './conformance-cases.ts';
import { type ConformanceOptions, checkConformanceOptions } from './conformance-options.ts';
import { caseTimeoutMs, runCase } from './run-case.ts';
import { skipReason } from './skip-reason.ts';

/** What {@link engineConformance} registered. */
export interface ConformanceSummary {
  /** Ids of the cases that run. */
  readonly registered: readonly string[];
  /** Ids of the cases that the engine's capabilities rule out. */
  readonly skipped: readonly string[];
}

/**
 * Registers every case of the suite with the runner, one `describe` per group. All are registered when it returns, or, when
 * `createEngine` gives a promise, when the promise that it returns then is fulfilled: `await` it in a test file. A case is
 * skipped only when `engine.capabilities` says so. Throws a `TypeError` for bad options.
 */
export function engineConformance(
  options: ConformanceOptions & { readonly createEngine: () => ContainerEngine },
): ConformanceSummary;
/** The same for engines that are made asynchronously. */
export function engineConformance(options: ConformanceOptions): ConformanceSummary | Promise<ConformanceSummary>;
export function engineConformance(options: ConformanceOptions): ConformanceSummary | Promise<ConformanceSummary> {
  checkConformanceOptions(options);
  const made = options.createEngine();
  return 'then' in made ? made.then((engine) => registerAll(engine, options)) : registerAll(made, options);
}

function registerAll(engine: ContainerEngine, options: ConformanceOptions): ConformanceSummary {
  const capabilities = readCapabilities(engine, options);
  for (const group of conformanceGroups) {
    const cases = conformanceCases.filter(({ id }) => id.startsWith(`${group}/`));
    options.describe(group, () => {
      for (const conformanceCase of cases) registerCase(conformanceCase, capabilities, options);
    });
  }
  const skipped = conformanceCases.filter((conformanceCase) => skipReason(conformanceCase, capabilities) !== undefined);
  const registered = conformanceCases.filter((conformanceCase) => !skipped.includes(conformanceCase));
  return { registered: registered.map(({ id }) => id), skipped: skipped.map(({ id }) => id) };
}

function readCapabilities(engine: ContainerEngine, { image }: ConformanceOptions): EngineCapabilities {
  const capabilities = { ...engine.capabilities };
  void engine.close().catch(() => undefined);
  if (capabilities.images && image === undefined) {
    throw new TypeError('engineConformance needs the option image: the engine declares the capability images.');
  }
  return capabilities;
}

function registerCase(
  conformanceCase: ConformanceCase,
  capabilities: EngineCapabilities,
  { createEngine, image, usersImage, limits, test }: ConformanceOptions,
): void {
  const title = `[${conformanceCase.id}] ${conformanceCase.contract}`;
  const reason = skipReason(conformanceCase, capabilities);
  if (reason !== undefined) {
    const skip = test.skip ?? test;
    skip(`${title} (skipped: ${reason})`, () => Promise.resolve());
    return;
  }
  const slow = limits?.slow ?? 1;
  test(
    title,
    () => runCase(conformanceCase, { createEngine, image, usersImage, slow }),
    caseTimeoutMs(conformanceCase, slow),
  );
}
