import assert from 'node:assert/strict';
import test from 'node:test';
import { total } from './invoice.mjs';

test('adds every item', () => assert.equal(total([100, 250, 50]), 400));
test('takes the discount off', () => assert.equal(total([1000, 1000], 10), 1800));
