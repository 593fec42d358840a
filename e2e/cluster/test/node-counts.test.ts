import { expect, test } from 'vitest';
import { parseNodes, parseSimulatedNodes } from '../src/node-counts.ts';

test('a number of nodes is taken as it is written, or refused', () => {
  expect([parseNodes('1'), parseNodes('2')]).toEqual([1, 2]);
  for (const text of ['3', '0', '', 'x', '2.0']) expect(() => parseNodes(text)).toThrow(/1 node or 2/);
});

test('a number of simulated nodes is taken as it is written, or refused', () => {
  expect([parseSimulatedNodes('0'), parseSimulatedNodes('10')]).toEqual([0, 10]);
  for (const text of ['x', '', '-1', '1.5', '1e3']) expect(() => parseSimulatedNodes(text)).toThrow(/whole number/);
});
