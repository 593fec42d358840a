import { RecacError } from '@recac/engine-core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseYaml } from '../src/config/parse-yaml.ts';

const line = fc.oneof(
  fc.constantFrom(
    'runner:',
    '  backend: docker',
    'kubernetes:',
    '  resources: &a',
    '    limits: *a',
    '---',
    '...',
    '%YAML 1.1',
    '- x',
    '? y',
    '  |',
    '\t',
    '{a: [',
    '!!str x',
    '<<: *a',
    '"',
    "'",
  ),
  fc.string(),
);

test('any text is either sections or a problem with its place', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      try {
        const { content, findLine } = parseYaml('recac.yaml', lines.join('\n'));
        for (const key of Object.keys(content)) expect(findLine([key])).toBeGreaterThan(0);
      } catch (error) {
        if (!RecacError.isInstance(error)) throw error;
        expect(error.message).toMatch(/^recac\.yaml(:\d+)? .*\. .*\.$/s);
      }
    }),
    { numRuns: 2_000 },
  );
});
