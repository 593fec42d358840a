import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flattenSections, mergeLayers, toSections } from '../src/config/config-layer.ts';

const sections = fc.dictionary(
  fc.constantFrom('a', 'b', '__proto__', 'c.d'),
  fc.oneof(
    fc.integer(),
    fc.constant(null),
    fc.array(fc.integer(), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('x', 'y'), fc.integer(), { minKeys: 1 }),
  ),
);
const flatten = (written: unknown) => flattenSections(written, () => ({ type: 'default' }));
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('sections survive flattening', () => {
  fc.assert(
    fc.property(sections, (written) => {
      expect(plain(toSections(flatten(written)))).toEqual(plain(written));
    }),
  );
});

test('the last layer that has a path wins, whatever the others have there', () => {
  fc.assert(
    fc.property(fc.array(sections, { minLength: 1, maxLength: 4 }), (layers) => {
      const merged = mergeLayers(layers.map(flatten));
      for (const value of merged) {
        const path = JSON.stringify(value.keys);
        const winner = layers.map(flatten).findLast((layer) => layer.some(({ keys }) => JSON.stringify(keys) === path));
        expect(winner?.find(({ keys }) => JSON.stringify(keys) === path)?.value).toEqual(value.value);
      }
      const last = flatten(layers.at(-1));
      for (const value of last) expect(merged).toContainEqual(value);
      expect(() => toSections(merged)).not.toThrow();
    }),
  );
});
