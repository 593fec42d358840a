import { boundaryMutants } from './boundary-mutants.ts';
import { durableMutants } from './durable-mutants.ts';
import { endingMutants } from './ending-mutants.ts';
import { execMutants } from './exec-mutants.ts';
import { lifecycleMutants } from './lifecycle-mutants.ts';
import type { Mutant } from './mutant.ts';
import { stdinMutants } from './stdin-mutants.ts';
import { streamsMutants } from './streams-mutants.ts';

/** Every mutant. */
export const allMutants: readonly Mutant[] = [
  ...lifecycleMutants,
  ...execMutants,
  ...streamsMutants,
  ...stdinMutants,
  ...endingMutants,
  ...durableMutants,
  ...boundaryMutants,
];
