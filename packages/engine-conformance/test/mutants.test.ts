import { afterAll, describe, expect, test } from 'vitest';
import type { ConformanceCase } from '../src/conformance-case.ts';
import { conformanceCases } from '../src/conformance-cases.ts';
import { skipReason } from '../src/skip-reason.ts';
import { failingCases } from './failing-cases.ts';
import { prepareLocalEngines } from './local-engine.ts';
import { allMutants } from './mutants/all-mutants.ts';
import { type Mutant, mutate } from './mutants/mutant.ts';

const { createEngine, remove } = prepareLocalEngines();
const controls = new Set(['lifecycle/start-then-exec', 'exec/argv-quoting']);

afterAll(remove);

/**
 * The named cases, the controls, and quick cases of the group: all of them, or of a large group a part that moves on from mutant
 * to mutant.
 */
function casesFor(mutant: Mutant, index: number, createMutant: typeof createEngine): readonly ConformanceCase[] {
  const group = `${mutant.fails.split('/')[0]}/`;
  const named = new Set([mutant.fails, ...(mutant.also ?? []), ...controls]);
  const { capabilities } = createMutant();
  const runnable = conformanceCases.filter((candidate) => skipReason(candidate, capabilities) === undefined);
  const quick = runnable.filter(({ id, slow }) => id.startsWith(group) && slow !== true);
  const others = new Set(Array.from({ length: 8 }, (_, offset) => quick[(index * 8 + offset) % quick.length]));
  return runnable.filter((candidate) => named.has(candidate.id) || others.has(candidate));
}

describe('mutants', () => {
  for (const [index, mutant] of allMutants.entries()) {
    test(`${mutant.fault}: ${mutant.fails} fails, and only that`, { timeout: 240_000 }, async (context) => {
      const createMutant = () => mutate(createEngine(), mutant);
      const cases = casesFor(mutant, index, createMutant);
      if (!cases.some(({ id }) => id === mutant.fails)) context.skip('the local engine lacks the capability here');
      const failures = await failingCases(cases, createMutant, mutant.alone ? 1 : 6);
      const expected = [mutant.fails, ...(mutant.also ?? [])].toSorted();
      expect([...failures.keys()].toSorted(), [...failures.values()].join('\n').slice(0, 3_000)).toEqual(expected);
    });
  }
});
