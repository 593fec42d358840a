import { setTimeout } from 'node:timers/promises';
import { createEngine } from '@recac/engine-kit';
import { expect, test } from 'vitest';
import { createLocalEngine } from '../src/index.ts';
import { detectPlatform } from '../src/local-platform.ts';
import { FaultyDriver } from './faulty-driver.ts';
import { readAll, withEnvironment, withStateDirectory } from './with-environment.ts';

test('an environment removed under a running command: never a success, and later commands find none', async () => {
  await withEnvironment(async ({ engine, id, stateDirectory }) => {
    const handle = await engine.spawn(id, ['sleep', '60']);
    await using other = createLocalEngine({ stateDirectory });
    await other.stopEnvironment(id);
    const { outcome } = await handle.wait();
    expect(['lost', 'signaled']).toContain(outcome.type);
    const notFound = expect.objectContaining({ code: 'RECAC_ENVIRONMENT_NOT_FOUND' });
    await expect(engine.exec(id, ['true'])).rejects.toEqual(notFound);
    await expect(engine.exec(id, ['true'])).rejects.toEqual(notFound);
    await expect(engine.listExecs(id)).rejects.toEqual(notFound);
  });
});

test('a command whose environment this engine stops is lost with it: nobody is told that it goes on', async () => {
  await withEnvironment(async ({ engine, id }) => {
    await using started = await engine.spawn(id, ['sleep', '60']);
    await using attached = await engine.attachExec(id, started.execId);
    await engine.stopEnvironment(id);
    for (const handle of [started, attached]) {
      const { outcome } = await handle.wait();
      if (outcome.type === 'lost') expect(outcome.reason).toMatch(/^the environment (is gone|was stopped)$/);
      else expect(outcome.type).toBe('signaled');
    }
  });
});

test('commands that wait for a lane, or are being started, while this engine stops the environment are told that it is gone', async () => {
  await withStateDirectory(async (stateDirectory) => {
    const driver = new FaultyDriver({ stateDirectory, shell: ['sh'], platform: detectPlatform() });
    await using engine = createEngine(driver, { maxLanes: 2 });
    const { id } = await engine.startEnvironment({ sessionId: 'test' });
    await engine.spawn(id, ['sleep', '60']);
    driver.silenceAll();
    const gate = Promise.withResolvers<void>();
    driver.opening = gate.promise;
    const commands = [1, 2, 3].map(() => engine.spawn(id, ['true']));
    const settled = Promise.allSettled(commands);
    await setTimeout(50);
    await engine.stopEnvironment(id);
    gate.resolve();
    const notFound = { status: 'rejected', reason: expect.objectContaining({ code: 'RECAC_ENVIRONMENT_NOT_FOUND' }) };
    expect(await settled).toEqual([notFound, notFound, notFound]);
  });
}, 60_000);

test('two engines start one session at once: one gets it, the other a conflict', async () => {
  await withEnvironment(async ({ stateDirectory }) => {
    await using one = createLocalEngine({ stateDirectory });
    await using other = createLocalEngine({ stateDirectory });
    const starts = await Promise.allSettled(
      [one, other].map((engine) => engine.startEnvironment({ sessionId: 'both' })),
    );
    const [failed, ...more] = starts.filter((start) => start.status === 'rejected');
    expect(more).toEqual([]);
    expect(failed?.reason).toMatchObject({ code: 'RECAC_ENVIRONMENT_CONFLICT' });
    const [started] = starts.filter((start) => start.status === 'fulfilled');
    expect((await other.exec(started?.value.id ?? '', ['echo', 'works'])).stdout).toBe('works\n');
    await one.stopEnvironment(started?.value.id ?? '');
  });
});

test('stopping an environment leaves the one of the same name in another state directory alone', async () => {
  await withEnvironment(async ({ engine, id }) => {
    const handle = await engine.spawn(id, ['sh', '-c', 'sleep 0.3; echo untouched']);
    await withEnvironment(async (other) => expect(other.id).toBe(id));
    expect((await readAll(handle.stdout)).toString()).toBe('untouched\n');
    expect((await handle.wait()).outcome).toEqual({ type: 'exited', code: 0 });
  });
});
