import { PassThrough } from 'node:stream';
import { type CallOptions, type EnvironmentStatus, RecacError } from '@recac/engine-core';
import { expect, test, vi } from 'vitest';
import { createEngine } from '../src/create-engine.ts';
import type { DriverEnvironment, EngineDriver, RawExit, RawProcess } from '../src/engine-driver.ts';
import { environmentNotFound } from '../src/environment-not-found.ts';

const status = {
  id: 'test',
  sessionId: 'test',
  name: 'test',
  backend: 'test',
  workspacePath: '/',
  createdAt: new Date(0),
  phase: 'Running',
  labels: {},
  leaseMs: 750,
} satisfies EnvironmentStatus;

/** An engine over a driver that has one environment, and does nothing but what is given here. */
function engineOver(parts: Partial<EngineDriver>) {
  const driver = {
    backend: 'test',
    capabilities: { isolation: 'container' },
    connect: async () => ({ backend: 'test', version: '1', endpoint: 'test' }),
    find: async () => [{ status, runDirectory: '/run' }],
    remove: async () => {},
    close: async () => {},
    ...parts,
  } as unknown as EngineDriver;
  return createEngine(driver);
}

const never = <T>(): Promise<T> => new Promise(() => {});

/** Rejects when the signal of a call fires. */
function untilAborted<T>({ signal }: CallOptions): Promise<T> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new RecacError('RECAC_ABORTED', 'ended.')));
  });
}

const aborted = { code: 'RECAC_ABORTED' };
const closed = { code: 'RECAC_ENGINE_UNAVAILABLE' };

/** A process that only ends when its line is cut. */
function openProcess(): { readonly process: RawProcess; readonly isCut: () => boolean } {
  const exit = Promise.withResolvers<RawExit>();
  let isCut = false;
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const close = (): void => {
    isCut = true;
    exit.resolve({ type: 'lost', reason: 'its line was cut' });
  };
  const process = { ...streams, exited: exit.promise, signal: () => {}, resize: async () => {}, close };
  return { process, isCut: () => isCut };
}

test('a stop can be cancelled while its environment is still being looked for', async () => {
  const engine = engineOver({ find: never, openPort: async () => ({}) as never });
  engine.openPort('test', 80).catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 10));
  await expect(engine.stopEnvironment('test', { signal: AbortSignal.timeout(50) })).rejects.toMatchObject(aborted);
});

test('a stop does not wait for a control lane that is still being opened', async () => {
  const remove = vi.fn(async () => {});
  const openProcess = vi.fn(() => never<RawProcess>());
  const engine = engineOver({ remove, openProcess, openPort: async () => ({}) as never });
  await engine.openPort('test', 80);
  await vi.waitFor(() => expect(openProcess).toHaveBeenCalled());
  void engine.stopEnvironment('test');
  await vi.waitFor(() => expect(remove).toHaveBeenCalled());
}, 5_000);

test('a close ends a build, and waits for it', async () => {
  const engine = engineOver({ buildImage: (options) => untilAborted(options) });
  const building = engine.buildImage({ context: '.', tag: 'x' });
  building.catch(() => {});
  await engine.init();
  await engine.close();
  await expect(building).rejects.toMatchObject(aborted);
});

test('a close ends the opening of a process without a record, and cuts the line of one that is open', async () => {
  const opening = engineOver({ openProcess: (_id, _spec, context) => untilAborted(context) });
  const spawning = opening.spawn('test', ['sh']);
  spawning.catch(() => {});
  await opening.listEnvironments();
  await new Promise((resolve) => setTimeout(resolve, 10));
  await opening.close();
  await expect(spawning).rejects.toMatchObject(aborted);

  const { process, isCut } = openProcess();
  const engine = engineOver({ openProcess: async () => process });
  const handle = await engine.spawn('test', ['sh']);
  await engine.close();
  expect(isCut()).toBe(true);
  expect((await handle.wait()).outcome.type).toBe('lost');
});

test('nothing is rendered after a close', async () => {
  const engine = engineOver({
    capabilities: { isolation: 'container', renderEnvironment: true } as never,
    render: async () => [],
  });
  await engine.close();
  await expect(engine.renderEnvironment({ sessionId: 'x' })).rejects.toMatchObject(closed);
});

test('whenever a close comes, an environment that was started before it is not kept up after it', async () => {
  for (let moments = 0; moments < 20; moments += 1) {
    const created = Promise.withResolvers<DriverEnvironment>();
    const openProcess = vi.fn(() => never<RawProcess>());
    const engine = engineOver({ create: () => created.promise, openProcess });
    const starting = engine.startEnvironment({ sessionId: 'test' }).catch(() => {});
    await engine.init();
    await new Promise(setImmediate);
    created.resolve({ status, runDirectory: '/run' });
    for (let moment = 0; moment < moments; moment += 1) await undefined;
    await engine.close();
    await starting;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(openProcess, `${moments} moments after it was created`).not.toHaveBeenCalled();
  }
});

test('a second close waits for the first', async () => {
  const gate = Promise.withResolvers<void>();
  const close = vi.fn(() => gate.promise);
  const engine = engineOver({ close });
  const first = engine.close();
  let isOver = false;
  const second = engine.close().then(() => {
    isOver = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isOver).toBe(false);
  gate.resolve();
  await Promise.all([first, second]);
  expect(close).toHaveBeenCalledTimes(1);
});

test('the lease of an environment that is gone is not renewed any more, and the next call looks for it anew', async () => {
  const find = vi.fn(async () => [{ status, runDirectory: '/run' }]);
  const openProcess = vi.fn(async () => {
    throw environmentNotFound('test');
  });
  const engine = engineOver({ find, openProcess, openPort: async () => ({}) as never });
  await engine.openPort('test', 80);
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(openProcess).toHaveBeenCalledTimes(1);
  await engine.openPort('test', 80);
  await vi.waitFor(() => expect(find).toHaveBeenCalledTimes(2));
  await engine.close();
});

test('calls that ask the backend end when their signal fires, also where a driver does not listen to it', async () => {
  const engine = engineOver({
    capabilities: { isolation: 'container', listImages: true, keptWorkspaces: true } as never,
    find: never,
    remove: never,
    listImages: never,
    findKeptWorkspaces: never,
    removeKeptWorkspace: never,
    async *watch() {
      yield { type: 'ADDED', environment: status };
      await never();
    },
  });
  const options = { signal: AbortSignal.timeout(50) };
  const seen: string[] = [];
  const watch = async () => {
    for await (const { type } of engine.watchEnvironments(options)) seen.push(type);
  };
  const watching = watch();
  const calls = [
    engine.listEnvironments(options),
    engine.inspectEnvironment('test', options),
    engine.stopEnvironment('test', options),
    engine.listImages(options),
    engine.listKeptWorkspaces(options),
    engine.removeKeptWorkspace('test', options),
  ];
  await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject(aborted)));
  await watching;
  expect(seen).toEqual(['ADDED']);
}, 2_000);
