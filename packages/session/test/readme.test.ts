import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import * as exported from '../src/index.ts';

// No issue number: a review found functions that the table left out.
test('the README names everything that can be called', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const table = /^## What there is$(.*?)^## /ms.exec(readme)?.[1] ?? '';
  const named = [...table.matchAll(/`(\w+)(?:\([^`]*\))?`/g)].map(([, name]) => name);
  expect(Object.keys(exported).filter((name) => !named.includes(name))).toEqual([]);
});
