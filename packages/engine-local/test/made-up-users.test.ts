import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createEngine, type ProcessSpec, type RawProcess } from '@recac/engine-kit';
import { expect, test } from 'vitest';
import { createLocalEngine } from '../src/index.ts';
import { detectPlatform } from '../src/local-platform.ts';
import { FaultyDriver, withFaultyDriver } from './faulty-driver.ts';
import { withEnvironment, withStateDirectory } from './with-environment.ts';

const runsAsOthers = test.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0);

test('directories for users that there are not do not keep the commands from being listed', async () => {
  await withEnvironment(async ({ engine, id, records }) => {
    const handle = await engine.spawn(id, ['sleep', '60']);
    const names = ['u-nosuch', 'u-no_6e_such', 'u-99999999999', 'u-', 'u-\nu-1', 'u-a b', 'u-root\r', 'u-x\n.'];
    for (const name of names) mkdirSync(join(records, '..', name));
    writeFileSync(join(records, 'x\n.\n.log'), '1 p\n');
    for (let time = 0; time < 3; time += 1)
      expect(await engine.listExecs(id)).toMatchObject([{ execId: handle.execId, state: 'running' }]);
    await handle.cancel();
  });
});

// No issue number: recac attach, in a process of its own, found no command any more.
test('a client that has run nothing lists the commands of the own user of the environment', async () => {
  await withEnvironment(async ({ engine, id, stateDirectory }) => {
    const handle = await engine.spawn(id, ['sleep', '60']);
    await using other = createLocalEngine({ stateDirectory });
    expect(await other.listExecs(id)).toMatchObject([{ execId: handle.execId, state: 'running' }]);
    await handle.cancel();
  });
});

runsAsOthers('a user that was refused does not keep the commands from being listed', async () => {
  await withEnvironment(async ({ engine, id }) => {
    const handle = await engine.spawn(id, ['sleep', '60']);
    await expect(engine.exec(id, ['true'], { user: 'nosuch' })).rejects.toMatchObject({
      code: 'RECAC_INVALID_ARGUMENT',
    });
    await expect(engine.attachExec(id, 'u-nosuch~01234567-1-1')).rejects.toThrow();
    expect(await engine.listExecs(id)).toMatchObject([{ execId: handle.execId, state: 'running' }]);
    await handle.cancel();
  });
});

runsAsOthers('the commands of another user are listed by a client that has run none as that user', async () => {
  await withEnvironment(async ({ engine, id, stateDirectory }) => {
    const handle = await engine.spawn(id, ['sleep', '60'], { user: '1234' });
    await using other = createLocalEngine({ stateDirectory });
    for (let time = 0; time < 2; time += 1)
      expect(await other.listExecs(id)).toMatchObject([{ execId: handle.execId, state: 'running' }]);
    await using attached = await other.attachExec(id, handle.execId);
    await attached.cancel();
    expect((await handle.wait()).outcome).toEqual({ type: 'cancelled' });
  });
});

/** Each line of user 1234 is cut as soon as something is asked over it, or its shell fails at once. */
class OtherUserDriver extends FaultyDriver {
  fails = false;

  override async openProcess(id: string, spec: ProcessSpec): Promise<RawProcess> {
    if (spec.user !== '1234') return super.openProcess(id, spec);
    if (this.fails) return super.openProcess(id, { ...spec, argv: ['sh', '-c', 'exit 1'] });
    const line = await super.openProcess(id, spec);
    line.stdin.write = () => {
      line.close();
      return true;
    };
    return line;
  }
}

runsAsOthers("lines that break at another user's commands break the list; a shell that fails does not", async () => {
  await withEnvironment(async ({ engine, id, stateDirectory }) => {
    await using handle = await engine.spawn(id, ['sleep', '60'], { user: '1234' });
    const driver = new OtherUserDriver({ stateDirectory, shell: ['sh'], platform: detectPlatform() });
    await using other = createEngine(driver);
    await expect(other.listExecs(id)).rejects.toMatchObject({ code: 'RECAC_EXEC_FAILED' });
    driver.fails = true;
    expect(await other.listExecs(id)).toEqual([]);
    await handle.cancel();
  });
});

runsAsOthers(
  'however many directories for users there are, few are looked into at a time, and no line stays',
  async () => {
    await withStateDirectory(async (stateDirectory) => {
      await withFaultyDriver(stateDirectory, async ({ driver, engine, id }) => {
        await engine.exec(id, ['true']);
        await engine.listExecs(id);
        const before = driver.lines.size;
        for (let user = 0; user < 30; user += 1) mkdirSync(join(stateDirectory, id, 'run', `u-${30_000 + user}`));
        const add = driver.lines.add.bind(driver.lines);
        let most = 0;
        driver.lines.add = (line) => {
          most = Math.max(most, driver.lines.size + 1);
          return add(line);
        };
        const { opened } = driver;
        expect(await engine.listExecs(id)).toEqual([]);
        expect(driver.opened - opened).toBe(30);
        expect(most - before).toBeLessThanOrEqual(8);
        await expect.poll(() => driver.lines.size).toBe(before);
      });
    });
  },
);
