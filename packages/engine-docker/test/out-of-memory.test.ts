import { describeDocker } from '@recac/e2e-docker';
import { expect, test } from 'vitest';
import { withEnvironment } from './test-engine.ts';

/** A string that doubles until there is no room for it. */
const greedy = 'a=xxxxxxxxxxxxxxxx; while :; do a=$a$a; done';

describeDocker('memory', ({ host }) => {
  test('row 15: a command that takes too much is killed, the result says why, and the environment lives', async () => {
    const resources = { limits: { memory: '64Mi' } };
    await withEnvironment({ host }, { resources }, async ({ engine, id }) => {
      const direct = await engine.exec(id, ['sh', '-c', greedy]);
      expect(direct).toMatchObject({
        outcome: { type: 'signaled', signal: 'SIGKILL' },
        exitCode: 137,
        outOfMemory: true,
      });
      const child = await engine.exec(id, ['sh', '-c', `sh -c '${greedy}'; exit $?`]);
      expect(child).toMatchObject({ outcome: { type: 'exited', code: 137 }, outOfMemory: true });
      const killed = await engine.exec(id, ['sh', '-c', 'kill -9 $$']);
      expect(killed.outcome).toEqual({ type: 'signaled', signal: 'SIGKILL' });
      expect(killed.outOfMemory).toBeUndefined();
      expect((await engine.exec(id, ['echo', 'alive'])).stdout).toBe('alive\n');
    });
  });
});
