import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describeDocker } from '@recac/e2e-docker';
import { expect, test } from 'vitest';
import { withEnvironment } from './test-engine.ts';

/** A string that doubles until there is no room for it. */
const greedy = 'a=xxxxxxxxxxxxxxxx; while :; do a=$a$a; done';

describeDocker('memory', ({ host }) => {
  const docker = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('docker', ['-H', host, ...args])).stdout.trim();

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

  test('an environment that is killed after a command took too much is not said to have taken too much itself', async () => {
    const resources = { limits: { memory: '64Mi' } };
    await withEnvironment({ host }, { resources }, async ({ engine, id }) => {
      expect(await engine.exec(id, ['sh', '-c', greedy])).toMatchObject({ outOfMemory: true });
      const running = await engine.spawn(id, ['sleep', '600']);
      await docker('kill', id);
      expect((await running.wait()).outcome).toMatchObject({
        type: 'lost',
        reason: expect.stringContaining('stopped or killed from outside'),
      });
    });
  }, 60_000);

  test('a request above the default limit raises it', async () => {
    await withEnvironment({ host }, { resources: { requests: { memory: '9Gi' } } }, async ({ id }) => {
      const memory = await docker('inspect', '--format', '{{.HostConfig.Memory}}', id);
      expect(memory).toBe(String(9 * 2 ** 30));
    });
  });

  test.each(['cpu', 'memory'])(
    'a limit of nothing, which a daemon takes for no limit, is refused (%s)',
    async (name) => {
      const spec = { resources: { limits: { [name]: '0' } } };
      await expect(withEnvironment({ host }, spec, async () => {})).rejects.toMatchObject({
        code: 'RECAC_INVALID_ARGUMENT',
        details: { field: `resources.limits.${name}` },
      });
    },
  );
});
