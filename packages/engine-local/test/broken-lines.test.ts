import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createEngine } from '@recac/engine-kit';
import { expect, test } from 'vitest';
import { detectPlatform } from '../src/local-platform.ts';
import { FaultyDriver, withFaultyDriver } from './faulty-driver.ts';
import { findShells } from './find-shells.ts';
import { processesOf, until, withStateDirectory } from './with-environment.ts';

const shells = findShells().filter(({ missing }) => !missing);

test.concurrent('a command goes into an idle lane whose line died unseen: it runs all the same, once', async () => {
  await withStateDirectory((stateDirectory) =>
    withFaultyDriver(stateDirectory, async ({ driver, engine, id }) => {
      await Promise.all([engine.exec(id, ['true']), engine.exec(id, ['true'])]);
      driver.silenceAll();
      const { stdout } = await engine.exec(id, ['sh', '-c', 'echo x >>ran; cat ran']);
      expect(stdout).toBe('x\n');
    }),
  );
}, 90_000);

test.concurrent('a command that is cancelled while its lane says nothing is not waited for', async () => {
  await withStateDirectory((stateDirectory) =>
    withFaultyDriver(stateDirectory, async ({ driver, engine, id }) => {
      await engine.exec(id, ['true']);
      driver.silenceAll();
      const begin = performance.now();
      const running = engine.exec(id, ['sh', '-c', 'echo x >ran'], { signal: AbortSignal.timeout(200) });
      await expect(running).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
      expect(performance.now() - begin).toBeLessThan(25_000);
      expect((await engine.exec(id, ['ls'])).stdout).toBe('');
    }),
  );
}, 90_000);

test.concurrent('a command that is cancelled while its lane is being opened has not run', async () => {
  await withStateDirectory((stateDirectory) =>
    withFaultyDriver(stateDirectory, async ({ driver, engine, id }) => {
      const held = await engine.spawn(id, ['sleep', '60']);
      const gate = Promise.withResolvers<void>();
      driver.opening = gate.promise;
      const running = engine.exec(id, ['sh', '-c', 'echo x >ran'], { signal: AbortSignal.timeout(200) });
      await expect(running).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
      gate.resolve();
      await held.cancel();
      expect((await engine.exec(id, ['ls'])).stdout).toBe('');
      await until(() => driver.lines.size <= 3, 'the lane that nobody waits for is closed');
    }),
  );
}, 60_000);

test.concurrent('a time limit that passes while no line can be opened ends the command once one can', async () => {
  await withStateDirectory((stateDirectory) =>
    withFaultyDriver(stateDirectory, async ({ driver, engine, id }) => {
      const running = engine.exec(id, ['sleep', '60'], { timeoutMs: 2_000 });
      await setTimeout(1_500);
      driver.isRefusing = true;
      driver.cutAll();
      await setTimeout(2_500);
      driver.isRefusing = false;
      const { outcome, durationMs } = await running;
      expect(outcome.type).toBe('timedOut');
      expect(durationMs).toBeLessThan(20_000);
    }),
  );
}, 90_000);

test.concurrent('attaching and listing go on over a new control lane', async () => {
  await withStateDirectory((stateDirectory) =>
    withFaultyDriver(stateDirectory, async ({ driver, engine, id }) => {
      const handle = await engine.spawn(id, ['sleep', '60']);
      await engine.listExecs(id);
      driver.silenceAll();
      expect(await engine.listExecs(id)).toHaveLength(1);
      const attached = await engine.attachExec(id, handle.execId);
      await attached.detach();
      await handle.cancel();
    }),
  );
}, 120_000);

test.concurrent('a stop that fails leaves nothing open once the engine is closed, and the lease runs out', async () => {
  await withStateDirectory(async (stateDirectory) => {
    const driver = new FaultyDriver({ stateDirectory, shell: ['sh'], platform: detectPlatform() });
    const engine = createEngine(driver);
    const { id } = await engine.startEnvironment({ sessionId: 'test', leaseMs: 2_000 });
    driver.isKeeping = true;
    await expect(engine.stopEnvironment(id)).rejects.toMatchObject({ code: 'RECAC_ENGINE_UNAVAILABLE' });
    await engine.close();
    await until(() => driver.lines.size === 0, 'no line is open');
    await until(() => readdirSync(stateDirectory).length === 0, 'the environment is gone');
  });
}, 60_000);

test.concurrent('closing an engine ends a start, which leaves nothing', async () => {
  await withStateDirectory(async (stateDirectory) => {
    const driver = new FaultyDriver({ stateDirectory, shell: ['sh'], platform: detectPlatform() });
    const engine = createEngine(driver);
    const gate = Promise.withResolvers<void>();
    driver.opening = gate.promise;
    const starting = engine.startEnvironment({ sessionId: 'test' });
    const refused = expect(starting).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
    await until(() => readdirSync(stateDirectory).length > 0, 'the environment is there');
    const closing = engine.close();
    await refused;
    await closing;
    gate.resolve();
    expect(readdirSync(stateDirectory)).toEqual([]);
    await until(() => driver.lines.size === 0, 'no line is open');
  });
}, 60_000);

test.concurrent('lanes that nobody needs any more are closed, however often another one is used', async () => {
  await withStateDirectory((stateDirectory) =>
    withFaultyDriver(
      stateDirectory,
      async ({ driver, engine, id }) => {
        await Promise.all(Array.from({ length: 6 }, () => engine.exec(id, ['sleep', '0.5'])));
        const open = driver.lines.size;
        expect(open).toBeGreaterThanOrEqual(6);
        for (let round = 0; round < 12; round += 1) {
          await engine.exec(id, ['true']);
          await setTimeout(100);
        }
        await until(() => driver.lines.size <= open - 5, 'only one lane is left');
      },
      { idleLaneMs: 500 },
    ),
  );
}, 60_000);

test.concurrent('a stdin whose line breaks is an error that ends the command, and does not wait for an end that cannot be said', async () => {
  await withStateDirectory((stateDirectory) =>
    withFaultyDriver(stateDirectory, async ({ driver, engine, id }) => {
      const source = async function* () {
        yield Buffer.from('one');
        await until(async () => (await engine.exec(id, ['cat', 'got'])).stdout === 'one', 'the first piece is there');
        driver.cutAll();
        yield Buffer.from('two');
        // A source that then says nothing for long is not waited for.
        await setTimeout(30_000, undefined, { ref: false });
      };
      const running = engine.exec(id, ['sh', '-c', 'cat >got; touch ended'], { stdin: source() });
      await expect(running).rejects.toMatchObject({ code: 'RECAC_EXEC_FAILED' });
      expect((await engine.exec(id, ['ls'])).stdout).toBe('got\n');
    }),
  );
}, 20_000);

test.concurrent('what cannot be written, and an end that cannot be said, reject', async () => {
  await withStateDirectory((stateDirectory) =>
    withFaultyDriver(stateDirectory, async ({ driver, engine, id }) => {
      const handle = await engine.spawn(id, ['cat'], { stdin: 'pipe' });
      const unfinished = await engine.spawn(id, ['cat'], { stdin: 'pipe' });
      await handle.write('one');
      driver.cutAll();
      await expect(handle.write('two')).rejects.toMatchObject({ code: 'RECAC_EXEC_FAILED' });
      await expect(handle.write('three')).rejects.toMatchObject({ code: 'RECAC_EXEC_FAILED' });
      await expect(handle.end()).rejects.toMatchObject({ code: 'RECAC_EXEC_FAILED' });
      await expect(unfinished.end()).rejects.toMatchObject({ code: 'RECAC_EXEC_FAILED' });
      await handle.cancel();
      await unfinished.cancel();
      expect((await handle.wait()).outcome.type).toBe('cancelled');
    }),
  );
}, 20_000);

test.concurrent('a command that was to be ended and could not be reached is lost, not cancelled', async () => {
  await withStateDirectory((stateDirectory) =>
    withFaultyDriver(
      stateDirectory,
      async ({ driver, engine, id }) => {
        const handle = await engine.spawn(id, ['sleep', '60']);
        const { execId } = handle;
        driver.isRefusing = true;
        driver.cutAll();
        await handle.cancel();
        const end = await handle.wait();
        expect([end.outcome.type, end.exitCode, end.killed]).toEqual(['lost', 125, undefined]);
        driver.isRefusing = false;
        expect(await engine.listExecs(id)).toMatchObject([{ execId, state: 'running' }]);
      },
      { reconnectMs: 1_500 },
    ),
  );
}, 30_000);

test.concurrent('asking over a line that says nothing can be given up', async () => {
  await withStateDirectory((stateDirectory) =>
    withFaultyDriver(stateDirectory, async ({ driver, engine, id }) => {
      const handle = await engine.spawn(id, ['sleep', '60']);
      await engine.listExecs(id);
      driver.silenceAll();
      const begin = performance.now();
      const attaching = engine.attachExec(id, handle.execId, { signal: AbortSignal.timeout(200) });
      const listing = engine.listExecs(id, { signal: AbortSignal.timeout(200) });
      await expect(attaching).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
      await expect(listing).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
      expect(performance.now() - begin).toBeLessThan(5_000);
    }),
  );
}, 60_000);

test.concurrent('a start with stdin that is given up leaves no process that waits for a reader', async () => {
  await withStateDirectory((stateDirectory) =>
    withFaultyDriver(stateDirectory, async ({ driver, engine, id }) => {
      await engine.exec(id, ['true']);
      const gate = Promise.withResolvers<void>();
      driver.opening = gate.promise;
      const opening = engine.exec(id, ['cat'], { stdin: 'x', signal: AbortSignal.timeout(200) });
      await expect(opening).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
      const { opened } = driver;
      gate.resolve();
      await until(() => driver.opened > opened, 'the feeder that was given up is opened all the same');
      await until(
        () => processesWith('recac-stdin', id, stateDirectory).length === 0,
        'the feeder of a start that was given up is gone',
      );
      await engine.exec(id, ['true']);
      const openedBefore = driver.opened;
      const silenced = engine.exec(id, ['cat'], { stdin: 'x', signal: AbortSignal.timeout(1_000) });
      driver.silenceAll();
      await expect(silenced).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
      expect(driver.opened).toBeGreaterThan(openedBefore);
      await until(
        () => processesWith('recac-stdin', id, stateDirectory).length === 0,
        'the feeder of a command that never ran is gone',
      );
    }),
  );
}, 90_000);

test.concurrent.each(shells)(
  'under $name, a client that runs one short command removes its record over a line that it has',
  async ({ argv }) => {
    await withStateDirectory(async (stateDirectory) => {
      const options = { stateDirectory, shell: argv, platform: detectPlatform() };
      await using starter = createEngine(new FaultyDriver(options));
      const { id } = await starter.startEnvironment({ sessionId: 'test' });
      const driver = new FaultyDriver(options);
      const engine = createEngine(driver);
      const { execId } = await engine.exec(id, ['true']);
      const opened = driver.opened;
      await engine.close();
      expect(driver.opened).toBe(opened);
      const lane = execId.slice(0, 8);
      const records = (): readonly string[] => readdirSync(join(stateDirectory, id, 'run', 'default'));
      await until(() => !records().some((name) => name.startsWith(lane)), 'its record is gone');
      await until(() => processesWith(lane, id, stateDirectory).length === 0, 'its lane is gone');
      await starter.stopEnvironment(id);
    });
  },
  20_000,
);

/** Processes of an environment whose argv has a text. */
function processesWith(text: string, id: string, stateDirectory: string): readonly number[] {
  return processesOf(id, stateDirectory).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(text);
    } catch {
      return false;
    }
  });
}
