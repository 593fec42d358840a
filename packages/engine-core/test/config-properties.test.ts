import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listConfigSections } from '../src/config/config-setting.ts';
import { checkConfig, listConfigSettings, parseConfig } from '../src/index.ts';

const keys = [
  ...new Set(
    [...listConfigSettings(), ...listConfigSections().map((path) => ({ path }))].flatMap(({ path }) => path.split('.')),
  ),
];
const value = fc.oneof(
  fc.string(),
  fc.constantFrom('docker', '5m', '1Gi', 'none', 'node:24', '1000:1000', 'default'),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.string(), { maxLength: 2 }),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.dictionary(
    fc.oneof(fc.constantFrom(...keys), fc.string()),
    fc.oneof({ depthSize: 'small' }, value, tie('tree')),
    { maxKeys: 5 },
  ),
}));

test('anything is either a configuration or has problems with path, rule and message', () => {
  fc.assert(
    fc.property(fc.oneof(tree, fc.anything()), (written) => {
      const check = checkConfig(written);
      if (check.ok) return;
      expect(check.issues.length).toBeGreaterThan(0);
      for (const { path, rule, message } of check.issues) {
        expect(rule).not.toBe('');
        expect(message.startsWith(path === '' ? 'the configuration' : path)).toBe(true);
        expect(message).toMatch(/[.?]$/);
      }
      expect(() => parseConfig(written)).toThrow(expect.objectContaining({ code: 'RECAC_CONFIG_INVALID' }));
    }),
    { numRuns: 1_000, examples: [[{ session: { timeout: Object.create(null) } }]] },
  );
});

test('what was filled in reads as the same configuration', () => {
  fc.assert(
    fc.property(tree, (written) => {
      const check = checkConfig(written);
      if (check.ok) expect(parseConfig(check.written)).toEqual(check.config);
    }),
  );
});
