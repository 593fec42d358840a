import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until, withEnvironment } from './with-environment.ts';

test('commands beyond the lanes wait in order, and one that is cancelled while it waits never runs', async () => {
  await withEnvironment(
    async ({ engine, id, stateDirectory }) => {
      const workspace = join(stateDirectory, id, 'workspace');
      const blockers = await Promise.all([1, 2].map(() => engine.spawn(id, ['sleep', '60'])));
      const giveUp = new AbortController();
      const first = engine.exec(id, ['sh', '-c', 'echo first >>order']);
      const never = engine.exec(id, ['touch', 'never'], { signal: giveUp.signal });
      const second = engine.exec(id, ['sh', '-c', 'echo second >>order']);
      const third = engine.exec(id, ['cat', 'order']);
      giveUp.abort();
      await expect(never).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
      expect(existsSync(join(workspace, 'order'))).toBe(false);
      await blockers[0]?.cancel();
      await Promise.all([first, second]);
      expect((await third).stdout).toBe('first\nsecond\n');
      expect(existsSync(join(workspace, 'never'))).toBe(false);
      await blockers[1]?.cancel();
      await until(async () => (await blockers[1]?.wait())?.outcome.type === 'cancelled', 'the second is cancelled');
    },
    { maxLanes: 2 },
  );
});
