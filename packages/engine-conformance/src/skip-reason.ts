import type { EngineCapabilities } from '@recac/engine-core';
import type { ConformanceCase } from './conformance-case.ts';

/** Why the capabilities rule a case out, as `capability x is false`; undefined when it runs. */
export function skipReason(conformanceCase: ConformanceCase, capabilities: EngineCapabilities): string | undefined {
  const missing = conformanceCase.requires?.find((name) => capabilities[name] === false);
  if (missing !== undefined) return `capability ${missing} is false`;
  const { without } = conformanceCase;
  return without !== undefined && capabilities[without] === true ? `capability ${without} is true` : undefined;
}
