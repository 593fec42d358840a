import { type ContainerEngine, type EngineCapabilities, RecacError } from '@recac/engine-core';
import { describe, expect, test } from 'vitest';
import { type ConformanceOptions, conformanceCases, conformanceGroups, engineConformance } from '../src/index.ts';
import { override } from './mutants/mutant.ts';

const allFalse: EngineCapabilities = {
  isolation: 'none',
  durableExec: false,
  escapeeSweep: false,
  execAsUser: false,
  terminal: false,
  images: false,
  buildImage: false,
  resourceLimits: false,
  networkPresets: false,
  listImages: false,
  renderEnvironment: false,
  bindMount: false,
  persistentVolumeClaimMount: false,
  keptWorkspaces: false,
  openPort: false,
};
const allTrue: EngineCapabilities = {
  isolation: 'container',
  durableExec: true,
  escapeeSweep: true,
  execAsUser: true,
  terminal: true,
  images: true,
  buildImage: true,
  resourceLimits: true,
  networkPresets: true,
  listImages: true,
  renderEnvironment: true,
  bindMount: true,
  persistentVolumeClaimMount: true,
  keptWorkspaces: true,
  openPort: true,
};

/** An engine that can do nothing: every call rejects. */
function createUselessEngine(capabilities: EngineCapabilities): ContainerEngine {
  const refuse = () => Promise.reject(new RecacError('RECAC_INTERNAL', 'useless.'));
  const methods = {
    capabilities,
    backend: 'useless',
    close: () => Promise.resolve(),
    startEnvironment: refuse,
    listEnvironments: refuse,
  };
  return override({} as ContainerEngine, methods as Partial<ContainerEngine>);
}

/** A runner that only notes what it is given. */
function createNotes(): { readonly ran: string[]; readonly skipped: string[]; readonly groups: string[] } & Pick<
  ConformanceOptions,
  'describe' | 'test'
> {
  const notes = { ran: [] as string[], skipped: [] as string[], groups: [] as string[] };
  const noteTest = Object.assign((title: string) => notes.ran.push(title), {
    skip: (title: string) => notes.skipped.push(title),
  });
  const noteDescribe = (title: string, body: () => void) => {
    notes.groups.push(title);
    body();
  };
  return { ...notes, describe: noteDescribe, test: noteTest };
}

describe('engineConformance', () => {
  test('registers every case in its group, with its id and its sentence', () => {
    const notes = createNotes();
    engineConformance({ ...pick(notes), createEngine: () => createUselessEngine(allTrue), image: 'image' });
    expect(notes.groups).toEqual(conformanceGroups);
    expect(notes.ran.length + notes.skipped.length).toBe(conformanceCases.length);
    expect(notes.ran).toContain('[lifecycle/stop-twice] A second stop resolves.');
  });

  test('skips what the capabilities rule out, says why, and counts it', async () => {
    const notes = createNotes();
    const summary = await engineConformance({ ...pick(notes), createEngine: () => createUselessEngine(allFalse) });
    const title = notes.skipped.find((candidate) => candidate.startsWith('[images/ensure]'));
    expect(title).toMatch(/\(skipped: capability images is false\)$/);
    expect([summary.registered.length, summary.skipped.length]).toEqual([notes.ran.length, notes.skipped.length]);
    expect(notes.ran.filter((candidate) => candidate.startsWith('[capabilities/no-'))).toHaveLength(13);
  });

  test('skips the mirror cases where everything is possible', () => {
    const notes = createNotes();
    engineConformance({ ...pick(notes), createEngine: () => createUselessEngine(allTrue), image: 'image' });
    expect(notes.skipped).toHaveLength(13);
    expect(notes.skipped.every((title) => /capability \w+ is true\)$/.test(title))).toBe(true);
  });

  test('accepts an engine that is made asynchronously', async () => {
    const notes = createNotes();
    const summary = await engineConformance({
      ...pick(notes),
      createEngine: async () => createUselessEngine(allFalse),
    });
    expect(summary.registered.length).toBe(notes.ran.length);
  });

  test('has no option to leave cases out, and needs an image where there are images', () => {
    const notes = createNotes();
    const options = { ...pick(notes), createEngine: () => createUselessEngine(allTrue) };
    expect(() => engineConformance({ ...options, skip: ['exec'] } as ConformanceOptions)).toThrow(TypeError);
    expect(() => engineConformance({ ...options, limits: { slow: 0 } })).toThrow(TypeError);
    expect(() => engineConformance(options)).toThrow(/image/);
  });
});

describe('the cases', () => {
  test('have unique ids in a known group and a sentence each', () => {
    const ids = conformanceCases.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, contract } of conformanceCases) {
      expect(id).toMatch(/^[a-z]+\/[a-z0-9-]+$/);
      expect(conformanceGroups).toContain(id.split('/')[0]);
      expect(contract, id).toMatch(/^\S.*\.$/);
    }
    expect(ids.length).toBeGreaterThanOrEqual(95);
  });
});

function pick({ describe: describeGroup, test: testCase }: Pick<ConformanceOptions, 'describe' | 'test'>) {
  return { describe: describeGroup, test: testCase };
}
