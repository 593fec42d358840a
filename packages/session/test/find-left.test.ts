import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerEngine } from '@recac/engine-core';
import { saveRecord } from '@recac/workspace-sync';
import { expect, test } from 'vitest';
import { findLeft } from '../src/find-left.ts';

test('each kept workspace of a name belongs to the record that names it, whatever the clocks say', async () => {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'recac-left-'));
  const kept = (id: string, createdAt: string) => ({ id, sessionId: 'ci', createdAt: new Date(createdAt) });
  const engine = {
    backend: 'docker',
    capabilities: { keptWorkspaces: true },
    init: async () => ({ endpoint: 'here' }),
    listKeptWorkspaces: async () => [
      kept('first', '2026-01-01T00:00:10.700Z'),
      kept('second', '2026-01-01T00:00:20.900Z'),
    ],
  } as unknown as ContainerEngine;
  const common = { sessionId: 'ci', backend: 'docker', strategy: 'git', include: [], exclude: [] } as const;
  const begun = async (second: string, endpoint: string, keptId?: string): Promise<void> => {
    const at = `2026-01-01T00:00:${second}.000Z`;
    const path = `/${endpoint}/${second}`;
    const ids = { environmentId: `${endpoint}${second}`, environmentCreatedAt: at, key: `${endpoint}${second}` };
    await saveRecord(stateDirectory, { ...common, ...ids, endpoint, path, createdAt: at, ...(keptId && { keptId }) });
  };
  await begun('10', 'here', 'first');
  await begun('15', 'elsewhere');
  await begun('20', 'here', 'second');
  const left = (ended?: { id: string; createdAt: Date }) =>
    findLeft(engine, 'ci', { stateDirectory, ...(ended === undefined ? {} : { ended: ended as never }) });
  expect(await left()).toMatchObject({ source: { workspace: { id: 'second' } }, record: { path: '/here/20' } });
  const first = { id: 'here10', createdAt: new Date('2026-01-01T00:00:10.000Z') };
  expect(await left(first)).toMatchObject({ source: { workspace: { id: 'first' } }, record: { path: '/here/10' } });
  await rm(stateDirectory, { recursive: true });
});
