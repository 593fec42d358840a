import { expect, test, vi } from 'vitest';
import { createDockerEngine } from '../../src/index.ts';
import { startFakeDaemon } from '../fake-daemon.ts';

test('lists that follow one another look for networks that nobody uses once', async () => {
  await using daemon = await startFakeDaemon('1.47', ({ path }) =>
    path === '/info' ? { json: { SystemTime: new Date().toISOString() } } : { json: [] },
  );
  await using engine = createDockerEngine({ host: daemon.host });
  const count = (): number => daemon.requests.filter((request) => request.startsWith('GET /networks')).length;
  for (let list = 0; list < 5; list += 1) {
    await engine.listEnvironments();
    await vi.waitFor(() => expect(count()).toBeGreaterThan(0), 5_000);
  }
  expect(count()).toBe(1);
});
