import type { EngineCapabilities } from '@recac/engine-core';
import { type ConformanceCase, type ConformanceGroup, conformanceGroups } from './conformance-case.ts';
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
 * Registers every case of the suite with the runner, one `describe` per group. Resolves once all are registered, so a test
 * file says `await engineConformance(...)`. A case is skipped only when `engine.capabilities` says so. Throws a `TypeError` for
 * unknown options.
 */
export async function engineConformance(options: ConformanceOptions): Promise<ConformanceSummary> {
  checkConformanceOptions(options);
  const capabilities = await readCapabilities(options);
  const summary = { registered: [] as string[], skipped: [] as string[] };
  for (const group of conformanceGroups) {
    options.describe(group, () => {
      for (const conformanceCase of casesOf(group)) registerCase(conformanceCase, capabilities, options, summary);
    });
  }
  return summary;
}

function casesOf(group: ConformanceGroup): readonly ConformanceCase[] {
  return conformanceCases.filter(({ id }) => id.startsWith(`${group}/`));
}

async function readCapabilities(options: ConformanceOptions): Promise<EngineCapabilities> {
  const engine = await options.createEngine();
  const capabilities = { ...engine.capabilities };
  await engine.close();
  if (capabilities.images && options.image === undefined) {
    throw new TypeError('engineConformance needs the option image: the engine declares the capability images.');
  }
  return capabilities;
}

function registerCase(
  conformanceCase: ConformanceCase,
  capabilities: EngineCapabilities,
  options: ConformanceOptions,
  summary: { readonly registered: string[]; readonly skipped: string[] },
): void {
  const title = `[${conformanceCase.id}] ${conformanceCase.contract}`;
  const reason = skipReason(conformanceCase, capabilities);
  const slow = options.limits?.slow ?? 1;
  if (reason === undefined) {
    const settings = { createEngine: options.createEngine, image: options.image, slow };
    options.test(title, () => runCase(conformanceCase, settings), caseTimeoutMs(conformanceCase, slow));
    summary.registered.push(conformanceCase.id);
    return;
  }
  const skip = options.test.skip ?? options.test;
  skip.call(options.test, `${title} (skipped: ${reason})`, () => Promise.resolve());
  summary.skipped.push(conformanceCase.id);
}
