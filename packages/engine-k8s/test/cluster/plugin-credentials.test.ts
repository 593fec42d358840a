import { expect, test } from 'vitest';
import type { PluginCredential } from '../../src/cluster/credential-plugin.ts';
import { PluginCredentials } from '../../src/cluster/plugin-credentials.ts';

test('a caller that comes while a plugin that nobody waits for any more is ended gets a credential of another', async () => {
  let runs = 0;
  const credentials = new PluginCredentials(async (signal): Promise<PluginCredential> => {
    runs += 1;
    if (runs > 1) return { token: `t${runs}` };
    // A process that is ended takes a moment to end.
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    throw signal.reason;
  });
  const controller = new AbortController();
  const first = credentials.get(controller.signal);
  controller.abort();
  await expect(first).rejects.toThrow(/abort/);
  expect(await credentials.get(new AbortController().signal)).toEqual({ token: 't2' });
  expect(await credentials.get(new AbortController().signal)).toEqual({ token: 't2' });
  expect(runs).toBe(2);
});
