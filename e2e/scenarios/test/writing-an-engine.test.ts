import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { engineConformance } from '@recac/engine-conformance';
import { createEngine, type EngineDriver } from '@recac/engine-kit';
import { afterAll, describe, test } from 'vitest';

/** The toy of docs/writing-an-engine.md, without the lines that use it. */
function readToy(): string {
  const guide = readFileSync(new URL('../../../docs/writing-an-engine.md', import.meta.url), 'utf8');
  const [, block = ''] = /^```ts\n(.*?)^```$/ms.exec(guide) ?? [];
  const [toy = ''] = block.split('await using engine');
  return `${toy}\nexport { driver };\n`;
}

// Here every package of the workspace can be imported by name.
const directory = mkdtempSync(fileURLToPath(new URL('../.readme-blocks-', import.meta.url)));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const program = join(directory, 'toy.ts');
writeFileSync(program, readToy());
const { driver } = (await import(program)) as { readonly driver: EngineDriver };

describe('the toy of docs/writing-an-engine.md', () => {
  // One after another they take three times as long.
  engineConformance({
    describe,
    test: test.concurrent,
    createEngine: () => createEngine(driver),
    limits: { slow: 3 },
  });
});
