import { availableParallelism } from 'node:os';
import { labelKeys, toEnvironmentName } from '@recac/engine-core';
import { expect, test, vi } from 'vitest';
import { createDockerEngine } from '../../src/index.ts';
import { startFakeDaemon } from '../fake-daemon.ts';

test('connections to ports open their relays a few at a time, as commands do', async () => {
  const id = 'c'.repeat(64);
  const labels = {
    [labelKeys.managed]: 'true',
    [labelKeys.session]: 'ports',
    [labelKeys.name]: toEnvironmentName('ports'),
  };
  const container = {
    Id: id,
    Name: `/${toEnvironmentName('ports')}`,
    Created: new Date().toISOString(),
    State: { Status: 'running' },
    Config: { Labels: labels },
  };
  await using daemon = await startFakeDaemon('1.47', ({ path }) => {
    if (path === '/info') return { json: { SystemTime: new Date().toISOString() } };
    if (path.endsWith('/exec')) return () => {};
    return path === `/containers/${id}/json` ? { json: container } : undefined;
  });
  await using engine = createDockerEngine({ host: daemon.host });
  const caller = new AbortController();
  const opening = Array.from({ length: 8 * availableParallelism() }, () =>
    engine.openPort(id, 80, { signal: caller.signal }).catch(() => {}),
  );
  const count = (): number => daemon.requests.filter((request) => request.endsWith('/exec')).length;
  await vi.waitFor(() => expect(count()).toBeGreaterThanOrEqual(4 * availableParallelism()), 10_000);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(count()).toBe(4 * availableParallelism());
  caller.abort();
  await Promise.all(opening);
});
