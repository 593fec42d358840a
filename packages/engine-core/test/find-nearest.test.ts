import { expect, test } from 'vitest';
import { findNearest } from '../src/index.ts';

test.each<[string, string | undefined]>([
  ['namspace', 'namespace'],
  ['nmaespace', 'namespace'],
  ['Namespace', 'namespace'],
  ['serviceAccount', 'service_account'],
  ['service-account', 'service_account'],
  ['host', 'host'],
  ['hst', 'host'],
  ['hxxt', undefined],
  ['replicas', undefined],
  ['', undefined],
  ['x'.repeat(10_000), undefined],
])('%j is nearest to %j', (written, nearest) => {
  expect(findNearest(written, ['namespace', 'service_account', 'host'])).toBe(nearest);
});
