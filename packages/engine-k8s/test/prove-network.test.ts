import { expect, test } from 'vitest';
import { judgeReach } from '../src/environment/prove-network.ts';

test.each([
  ['closed', 'closed', 'holds'],
  ['closed', 'absent', 'holds'],
  ['absent', 'closed', 'holds'],
  ['closed', 'answered', 'ignored'],
  ['answered', 'answered', 'ignored'],
  ['answered', 'absent', 'ignored'],
  ['answered', 'closed', 'api-server'],
  ['absent', 'absent', 'untried'],
] as const)('API server %s, name server %s from inside: %s', (apiServer, nameServer, finding) => {
  expect(judgeReach({ apiServer, nameServer })).toBe(finding);
});

test('an image that cannot try proves nothing', () => {
  expect(judgeReach(undefined)).toBe('untried');
});
