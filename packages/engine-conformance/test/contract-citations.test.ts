import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { conformanceCases } from '../src/index.ts';

test('every case id that the comment on ContainerEngine cites exists', async () => {
  const manifest = createRequire(import.meta.url).resolve('@recac/engine-core/package.json');
  const source = await readFile(join(dirname(manifest), 'src', 'container-engine.ts'), 'utf8');
  const bracketed = [...source.matchAll(/\[((?:[a-z]+\/[a-z0-9*-]+(?:,\s*)?)+)\]/g)].flatMap(([, list]) =>
    (list ?? '').split(/,\s*/),
  );
  const ids = conformanceCases.map(({ id }) => id as string);
  expect(bracketed.length).toBeGreaterThan(10);
  for (const cited of bracketed) {
    const matches = cited.endsWith('*')
      ? ids.filter((id) => id.startsWith(cited.slice(0, -1)))
      : ids.filter((id) => id === cited);
    expect(matches.length, cited).toBeGreaterThan(0);
  }
});
