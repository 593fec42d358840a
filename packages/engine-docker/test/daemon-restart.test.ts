import { describeOwnDaemon, startDaemon, testImages } from '@recac/e2e-docker';
import { expect, test } from 'vitest';
import { createDockerEngine } from '../src/index.ts';
import { busyboxImage } from './test-engine.ts';

const numbers = (last: number): string => Array.from({ length: last }, (_, index) => `${index + 1}\n`).join('');
const count = (last: number): string[] => [
  'sh',
  '-c',
  `i=0; while [ $i -lt ${last} ]; do i=$((i+1)); echo $i; sleep 0.05; done; exit 7`,
];

describeOwnDaemon('row 20: the daemon is restarted under a running command', () => {
  const images = testImages.slice(0, 1);

  test('with live-restore every byte and the exit code arrive', async () => {
    await using daemon = await startDaemon({ flags: ['--live-restore'], images });
    await using engine = createDockerEngine({ host: daemon.host });
    const { id } = await engine.startEnvironment({ sessionId: 'restart-live', image: busyboxImage });
    const running = engine.exec(id, count(100));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await daemon.restart();
    expect(await running).toMatchObject({ outcome: { type: 'exited', code: 7 }, stdout: numbers(100) });
    expect((await engine.listEnvironments()).map((environment) => environment.id)).toEqual([id]);
    await engine.stopEnvironment(id);
    expect(await engine.listEnvironments()).toEqual([]);
  }, 90_000);

  test('without it the command is lost with the reason, and nothing is left', async () => {
    await using daemon = await startDaemon({ images });
    await using engine = createDockerEngine({ host: daemon.host });
    const { id } = await engine.startEnvironment({ sessionId: 'restart', image: busyboxImage });
    const running = engine.exec(id, count(1_000));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await daemon.restart();
    const { outcome, exitCode, stdout } = await running;
    expect([outcome.type, exitCode, stdout.startsWith('1\n2\n')]).toEqual(['lost', 125, true]);
    await engine.stopEnvironment(id);
    expect(await engine.listEnvironments()).toEqual([]);
    const again = await engine.startEnvironment({ sessionId: 'restart', image: busyboxImage });
    expect((await engine.exec(again.id, ['echo', 'alive'])).stdout).toBe('alive\n');
    await engine.stopEnvironment(again.id);
  }, 90_000);
});
