import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describeDocker } from '@recac/e2e-docker';
import { labelKeys, toEnvironmentName } from '@recac/engine-core';
import { afterEach, expect, test, vi } from 'vitest';
import { createDockerEngine } from '../src/index.ts';
import { busyboxImage, withEnvironment } from './test-engine.ts';

describeDocker('a client whose clock is wrong', ({ host }) => {
  const docker = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('docker', ['-H', host, ...args])).stdout.trim();
  const shiftClock = (hours: number): void => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 });
  };

  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([24, -24])(
    'is told why an environment ended (%i hours)',
    async (hours) => {
      await withEnvironment({ host }, {}, async ({ engine, id }) => {
        const running = await engine.spawn(id, ['sleep', '600']);
        shiftClock(hours);
        await docker('kill', id);
        expect((await running.wait()).outcome).toMatchObject({
          type: 'lost',
          reason: expect.stringContaining('stopped or killed from outside'),
        });
      });
    },
    60_000,
  );

  test('removes nothing that is about to start', async () => {
    const sessionId = `clock-${process.pid}`;
    const name = toEnvironmentName(sessionId);
    const labels = { [labelKeys.managed]: 'true', [labelKeys.session]: sessionId, [labelKeys.name]: name };
    const flags = Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
    const id = await docker('create', '--name', name, ...flags, busyboxImage, 'true');
    try {
      shiftClock(24);
      await using engine = createDockerEngine({ host });
      expect((await engine.listEnvironments({ sessionId })).map((found) => found.id)).toEqual([id]);
      await expect(engine.startEnvironment({ sessionId, image: busyboxImage })).rejects.toMatchObject({
        code: 'RECAC_ENVIRONMENT_CONFLICT',
      });
    } finally {
      await docker('rm', '--force', id);
    }
  }, 60_000);
});
