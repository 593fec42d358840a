import type { CapabilityName } from '@recac/engine-core';
import type { ConformanceContext } from './conformance-context.ts';

/** The groups of the suite, in the order in which they run. */
export const conformanceGroups = [
  'lifecycle',
  'exec',
  'streams',
  'stdin',
  'signals',
  'timeouts',
  'detached',
  'reattach',
  'users',
  'images',
  'ports',
  'cancellation',
  'errors',
  'capabilities',
  'concurrency',
  'cleanup',
] as const;

/** One of {@link conformanceGroups}. */
export type ConformanceGroup = (typeof conformanceGroups)[number];

/** A capability that is declared true or false. */
export type BooleanCapability = Exclude<CapabilityName, 'isolation'>;

/** One sentence of the contract, and the code that checks it. */
export interface ConformanceCase {
  /** Stable name, `group/what`, as cited by the comment on `ContainerEngine`. */
  readonly id: `${ConformanceGroup}/${string}`;
  /** The sentence of the contract that the case checks. */
  readonly contract: string;
  /** Runs only where all of these are declared true. Default: none, it always runs. */
  readonly requires?: readonly BooleanCapability[];
  /** Runs only where this is declared false: the mirror of a capability. Default: none. */
  readonly without?: BooleanCapability;
  /** Longest time the case may take, in milliseconds, before `limits.slow`. Default: 30 000. */
  readonly deadlineMs?: number;
  /** It waits for time to pass or moves much data, by design. Default: false. */
  readonly slow?: boolean;
  /** Checks the sentence. Rejects with an assertion error when the engine breaks it. */
  run(context: ConformanceContext): Promise<void>;
}
