import { expect, test, vi } from 'vitest';
import { environmentNotFound } from '../src/environment-not-found.ts';
import type { LiveEnvironment } from '../src/live-environment.ts';
import { LiveEnvironments } from '../src/live-environments.ts';

function createLive() {
  const close = vi.fn(async () => {});
  return { close, live: { id: 'test', close, onGone: () => {} } as unknown as LiveEnvironment };
}

test('a call that finds its environment gone closes that one, not the next one with its id', async () => {
  const all = new LiveEnvironments(() => Promise.reject(environmentNotFound('test')));
  const [first, second] = [createLive(), createLive()];
  await all.add(first.live);
  await all.add(second.live);
  expect(first.close).toHaveBeenCalledTimes(1);
  const fail = (): Promise<void> => Promise.reject(environmentNotFound('test'));
  await expect(all.use(first.live, fail)).rejects.toMatchObject({ code: 'RECAC_ENVIRONMENT_NOT_FOUND' });
  expect(second.close).not.toHaveBeenCalled();
  await expect(all.use(second.live, fail)).rejects.toMatchObject({ code: 'RECAC_ENVIRONMENT_NOT_FOUND' });
  expect(second.close).toHaveBeenCalledTimes(1);
});
