import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createLocalEngine } from '../src/index.ts';
import { ProcessTable } from '../src/process-table.ts';
import { missingForPlain, runPlain } from './plain-process.ts';
import { until, withEnvironment, withStateDirectory } from './with-environment.ts';

// No issue numbers: a review found these by reading.

const missing = missingForPlain();

describe.skipIf(missing !== undefined)(`read-only directories${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test('go with a stop, such as those of the module cache of Go', async () => {
    await withStateDirectory(async (stateDirectory) => {
      expect(await runPlain('./write-read-only.ts', stateDirectory)).toContain('exited');
      expect(await readdir(stateDirectory)).toEqual([]);
    });
  });

  test('go with the end of a lease', async () => {
    await withStateDirectory(async (stateDirectory) => {
      expect(await runPlain('./write-read-only.ts', stateDirectory, '5000')).toContain('exited');
      await until(async () => (await readdir(stateDirectory)).length === 0, 'the directory is gone');
    });
  });
});

test('what an earlier stop could not remove goes with a later one', async () => {
  await withEnvironment(async ({ stateDirectory }) => {
    const old = join(stateDirectory, '.old-0123456789ab');
    await mkdir(join(old, 'deep'), { recursive: true });
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000);
    await using engine = createLocalEngine({ stateDirectory });
    await engine.stopEnvironment((await engine.startEnvironment({ sessionId: 'other' })).id);
    vi.restoreAllMocks();
    expect(await readdir(stateDirectory)).toEqual(['recac-agent-test']);
  });
});

test('a directory without a record is free, and one with a damaged record is named', async () => {
  await withEnvironment(async ({ engine, stateDirectory }) => {
    const directory = join(stateDirectory, 'recac-agent-half');
    await mkdir(join(directory, 'home'), { recursive: true });
    const { id } = await engine.startEnvironment({ sessionId: 'half' });
    expect((await engine.exec(id, ['true'])).outcome).toEqual({ type: 'exited', code: 0 });
    await writeFile(join(directory, 'environment.json'), 'null');
    expect(await engine.listEnvironments()).toHaveLength(1);
    await expect(engine.startEnvironment({ sessionId: 'half' })).rejects.toMatchObject({
      code: 'RECAC_ENVIRONMENT_CONFLICT',
      message: expect.stringContaining(directory),
    });
    await engine.stopEnvironment(id);
  });
});

test.each(['', 'null', '{}', '{"sessionId":1}'])('damaged records (%j) hide no other session', async (text) => {
  await withEnvironment(async ({ engine, stateDirectory }) => {
    for (const [directory, name] of [
      ['recac-agent-damaged', 'environment.json'],
      [`kept/${'a'.repeat(24)}`, 'kept.json'],
    ] as const) {
      await mkdir(join(stateDirectory, directory), { recursive: true });
      await writeFile(join(stateDirectory, directory, name), text);
    }
    expect((await engine.listEnvironments()).map(({ sessionId }) => sessionId)).toEqual(['test']);
    expect(await engine.listKeptWorkspaces()).toEqual([]);
    const kept = { type: 'scratch', outlives: true } as const;
    const { id } = await engine.startEnvironment({ sessionId: 'other', workspace: kept });
    await engine.stopEnvironment(id);
    await rm(join(stateDirectory, 'kept'), { recursive: true });
    await rm(join(stateDirectory, 'recac-agent-damaged'), { recursive: true });
  });
});

test('a start that fails or is cancelled keeps no workspace', async () => {
  await withStateDirectory(async (stateDirectory) => {
    await using engine = createLocalEngine({ stateDirectory });
    const workspace = { type: 'scratch', outlives: true } as const;
    await expect(engine.startEnvironment({ sessionId: 'failed', workspace, user: 'nosuchuser' })).rejects.toMatchObject(
      { code: expect.stringMatching(/INVALID_ARGUMENT|CAPABILITY_UNSUPPORTED/) },
    );
    const controller = new AbortController();
    const options = { signal: controller.signal, onEvent: () => controller.abort() };
    await expect(engine.startEnvironment({ sessionId: 'cancelled', workspace }, options)).rejects.toMatchObject({
      code: 'RECAC_ABORTED',
    });
    expect(await engine.listKeptWorkspaces()).toEqual([]);
    await rm(join(stateDirectory, 'kept'), { recursive: true, force: true });
    await writeFile(join(stateDirectory, 'kept'), '');
    await expect(engine.startEnvironment({ sessionId: 'full', workspace })).rejects.toMatchObject({
      code: 'RECAC_ENVIRONMENT_START_FAILED',
    });
    expect(await readdir(stateDirectory)).toEqual(['kept']);
  });
});

test('a stop that leaves processes alive says which, and can be tried again', async () => {
  await withEnvironment(async ({ engine, id }) => {
    const { stdout } = await engine.exec(id, ['sh', '-c', 'sleep 60 >/dev/null 2>&1 & echo $!']);
    const pid = Number(stdout);
    const kill = process.kill.bind(process);
    vi.spyOn(process, 'kill').mockImplementation((target, signal) => target === pid || kill(target, signal));
    await expect(engine.stopEnvironment(id)).rejects.toMatchObject({
      code: 'RECAC_PERMISSION_DENIED',
      details: { survivors: [pid] },
    });
    vi.restoreAllMocks();
    expect(await engine.listEnvironments()).toHaveLength(1);
  });
});

describe('processes that nothing kills', () => {
  /** No process has such an id. */
  const survivors = [2 ** 22 + 1];

  /** Looks at the processes of an environment find nothing `looks` times, then always those. */
  function showAfter(looks: number): void {
    const find = vi.spyOn(ProcessTable.prototype, 'find').mockResolvedValue(survivors);
    for (let look = 0; look < looks; look += 1) find.mockResolvedValueOnce([]);
  }

  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('and show themselves once the record is gone keep no workspace', async () => {
    await withStateDirectory(async (stateDirectory) => {
      await using engine = createLocalEngine({ stateDirectory });
      const workspace = { type: 'scratch', outlives: true } as const;
      const { id } = await engine.startEnvironment({ sessionId: 'kept', workspace });
      await engine.exec(id, ['true']);
      showAfter(1);
      await expect(engine.stopEnvironment(id)).rejects.toMatchObject({ details: { survivors } });
      vi.restoreAllMocks();
      await engine.stopEnvironment(id);
      expect(await engine.listKeptWorkspaces()).toEqual([]);
    });
  });

  test('do not hide why a start failed', async () => {
    await withStateDirectory(async (stateDirectory) => {
      await using engine = createLocalEngine({ stateDirectory, shell: ['/no/such/shell'] });
      showAfter(0);
      await expect(engine.startEnvironment({ sessionId: 'failed', leaseMs: 60_000 })).rejects.toMatchObject({
        code: 'RECAC_ENVIRONMENT_START_FAILED',
        message: expect.stringContaining('/no/such/shell could not be started'),
        details: { cleanup: expect.stringContaining(String(survivors)) },
      });
    });
  });
});

test('limits that child processes cannot be held to are refused by their fields', async () => {
  await withEnvironment(async ({ engine, stateDirectory }) => {
    for (const [workspace, capability] of [
      [{ type: 'bind', hostPath: stateDirectory, readOnly: true }, 'workspace.readOnly'],
      [{ type: 'scratch', sizeLimitBytes: 1_048_576 }, 'workspace.sizeLimitBytes'],
    ] as const)
      await expect(engine.startEnvironment({ sessionId: 'limited', workspace })).rejects.toMatchObject({
        code: 'RECAC_CAPABILITY_UNSUPPORTED',
        details: { capability },
      });
    expect(await engine.listEnvironments()).toHaveLength(1);
  });
});
