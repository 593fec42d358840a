import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspaceConformance } from '@recac/engine-conformance';
import { createLocalEngine } from '@recac/engine-local';
import { afterAll, describe, test } from 'vitest';
import { createBind, createGit, createUpload } from './workspaces-under-test.ts';

const stateDirectory = mkdtempSync(join(tmpdir(), 'recac-workspace-local-'));
afterAll(() => rmSync(stateDirectory, { recursive: true, force: true }));
const createEngine = () => createLocalEngine({ stateDirectory });

describe('upload on the local engine', () => {
  workspaceConformance({ describe, test, createEngine, createWorkspace: createUpload });
});

describe('git on the local engine', () => {
  workspaceConformance({ describe, test, createEngine, createWorkspace: createGit });
});

describe('bind on the local engine', () => {
  workspaceConformance({ describe, test, createEngine, createWorkspace: createBind, sharesDirectory: true });
});
