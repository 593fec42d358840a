import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalEngine } from '@recac/engine-local';
import { afterAll, describe } from 'vitest';
import { testShapes } from './shapes.ts';

describe('unusual trees on the local engine', () => {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'recac-s-'));
  afterAll(() => rmSync(stateDirectory, { recursive: true, force: true }));
  testShapes({ createEngine: () => createLocalEngine({ stateDirectory }) });
});
