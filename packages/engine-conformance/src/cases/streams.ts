import type { ConformanceCase } from '../conformance-case.ts';
import { streamFidelityCases } from './streams-fidelity.ts';
import { streamIntegrityCases } from './streams-integrity.ts';
import { streamLimitCases } from './streams-limits.ts';

/** Cases of group `streams`: what comes back of stdout and stderr. */
export const streamsCases: readonly ConformanceCase[] = [
  ...streamFidelityCases,
  ...streamIntegrityCases,
  ...streamLimitCases,
];
