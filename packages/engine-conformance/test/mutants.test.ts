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

/** The named case, the quick cases of its group, and the controls. */
function casesFor({ fails }: Mutant, createMutant: typeof createEngine): readonly ConformanceCase[] {
  const group = `${fails.split('/')[0]}/`;
  const { capabilities } = createMutant();
  return conformanceCases
    .filter(({ id, slow }) => id === fails || controls.has(id) || (id.startsWith(group) && slow !== true))
    .filter((candidate) => skipReason(candidate, capabilities) === undefined);
}

describe('mutants', () => {
  for (const mutant of allMutants) {
    test(`${mutant.fault}: ${mutant.fails} fails, and only that`, { timeout: 240_000 }, async (context) => {
      const createMutant = () => mutate(createEngine(), mutant);
      const cases = casesFor(mutant, createMutant);
      if (!cases.some(({ id }) => id === mutant.fails)) context.skip('the local engine lacks the capability here');
      const failures = await failingCases(cases, createMutant, mutant.alone ? 1 : 6);
      const expected = [mutant.fails, ...(mutant.also ?? [])].toSorted();
      expect([...failures.keys()].toSorted(), [...failures.values()].join('\n').slice(0, 3_000)).toEqual(expected);
    });
  }
});
