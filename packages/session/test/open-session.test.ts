import { readFile, realpath, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createUploadWorkspace } from '@recac/workspace-sync';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSession } from '../src/create-session.ts';
import { openSession, type SessionEvent, stopSession } from '../src/index.ts';
import { createSessionWorld, type SessionWorld } from './session-world.ts';

let world: SessionWorld;
beforeEach(async () => {
  world = await createSessionWorld();
});
afterEach(async () => {
  const left = await world.engine.listEnvironments();
  await world[Symbol.asyncDispose]();
  expect(left).toEqual([]);
});

test('runs a command in the workspace with the configuration’s variables', async () => {
  const { config, project, engine } = world;
  {
    await using session = await openSession({ config, strategy: 'bind' });
    expect(session.name).toMatch(/^[a-z]+-[a-z]+$/);
    expect(session.strategy).toBe('bind');
    const result = await session.run(['sh', '-c', 'pwd -P; echo "$FROM_CONFIG" >&2; echo made > file; exit 4']);
    expect(result).toMatchObject({
      exitCode: 4,
      stdout: `${await realpath(project)}\n`,
      stderr: 'yes\n',
      truncated: false,
    });
    expect(await engine.listEnvironments({ sessionId: session.name })).toHaveLength(1);
  }
  expect(await readFile(join(project, 'file'), 'utf8')).toBe('made\n');
});

test('tells every phase in order', async () => {
  const events: SessionEvent[] = [];
  const session = await openSession({ config: world.config, name: 'told', onEvent: (event) => events.push(event) });
  await session.run(['true']);
  await session.stop();
  await session.stop();
  const phases = events.map((event) => `${event.type} ${'state' in event ? event.state : ''}`.trim());
  expect(phases.filter((phase) => phase !== 'start')).toEqual([
    'prepare started',
    'prepare finished',
    'push started',
    'push finished',
    'started',
    'exec started',
    'exec ended',
    'harvest started',
    'harvest finished',
    'stop started',
    'stop finished',
  ]);
  expect(events.find(({ type }) => type === 'started')).toMatchObject({ environment: { sessionId: 'told' } });
});

test('a listener that throws breaks nothing', async () => {
  const onEvent = (): void => {
    throw new Error('listener');
  };
  await using session = await openSession({ config: world.config, onEvent });
  expect((await session.run(['true'])).exitCode).toBe(0);
});

test('takes stdin, streams output, keeps what fits', async () => {
  await using session = await openSession({ config: world.config, strategy: 'none' });
  expect(session.isKept).toBe(false);
  const pieces: Uint8Array[] = [];
  const source = (async function* () {
    yield Buffer.from('first ');
    yield Buffer.from('second');
  })();
  const result = await session.run(['cat'], {
    stdin: source,
    maxOutputBytes: 3,
    onStdout: (piece) => void pieces.push(Uint8Array.from(piece)),
  });
  expect(result).toMatchObject({ exitCode: 0, stdout: 'fir', stdoutBytes: 12, truncated: true });
  expect(Buffer.concat(pieces).toString()).toBe('first second');
});

test('a source of stdin that fails cancels the command and is the error', async () => {
  await using session = await openSession({ config: world.config });
  const source = (async function* () {
    yield Buffer.from('x');
    throw new Error('source failed');
  })();
  await expect(session.run(['cat'], { stdin: source })).rejects.toThrow('source failed');
});

test('time limits of the configuration hold unless the call has its own', async () => {
  const config = { ...world.config, session: { ...world.config.session, timeoutMs: 200 } };
  await using session = await openSession({ config });
  expect((await session.run(['sleep', '60'])).outcome).toMatchObject({ type: 'timedOut', limitMs: 200 });
  expect((await session.run(['sleep', '0.4'], { timeoutMs: 20_000 })).exitCode).toBe(0);
});

test('spawn gives a handle that is the caller’s', async () => {
  await using session = await openSession({ config: world.config });
  const handle = await session.spawn(['sh', '-c', 'exit 6']);
  expect((await handle.wait()).exitCode).toBe(6);
});

describe('failures leave nothing behind', () => {
  test('a taken name is a conflict; the living session stays', async () => {
    await using first = await openSession({ config: world.config, name: 'taken' });
    await expect(openSession({ config: world.config, name: 'taken' })).rejects.toMatchObject({
      code: 'RECAC_ENVIRONMENT_CONFLICT',
    });
    expect((await first.run(['true'])).exitCode).toBe(0);
  });

  test('an aborted opening', async () => {
    const reason = AbortSignal.abort(new Error('enough'));
    await expect(openSession({ config: world.config, signal: reason })).rejects.toMatchObject({
      code: 'RECAC_ABORTED',
    });
    const during = new AbortController();
    const onEvent = (event: SessionEvent): void => {
      if (event.type === 'prepare' && event.state === 'finished') during.abort();
    };
    await expect(openSession({ config: world.config, signal: during.signal, onEvent })).rejects.toMatchObject({
      code: 'RECAC_ABORTED',
    });
  });

  test.each([
    [{ workspace: '/no/such/place' }, 'RECAC_WORKSPACE_UNAVAILABLE'],
    [{ workspace: '/' }, 'RECAC_WORKSPACE_UNAVAILABLE'],
    [{ workspace: '/run', strategy: 'bind' }, 'RECAC_WORKSPACE_UNAVAILABLE'],
    [{ strategy: 'pvc' }, 'RECAC_CAPABILITY_UNSUPPORTED'],
    [{ strategy: 'git' }, 'RECAC_WORKSPACE_UNAVAILABLE'],
    [{ image: 'node:24' }, 'RECAC_CAPABILITY_UNSUPPORTED'],
    [{ name: '' }, 'RECAC_INVALID_ARGUMENT'],
    [{ environmentVariables: { 'A=B': '' } }, 'RECAC_INVALID_ARGUMENT'],
  ] as const)('%j', async (options, code) => {
    await expect(openSession({ config: world.config, ...options })).rejects.toMatchObject({ code });
  });

  test('a state directory that cannot be written is named by the option that it was given with', async () => {
    const stateDirectory = join(world.directory, 'file', 'state');
    await writeFile(join(world.directory, 'file'), '');
    await expect(openSession({ config: world.config, stateDirectory })).rejects.toMatchObject({
      code: 'RECAC_PERMISSION_DENIED',
      message: expect.stringMatching(/ENOTDIR.* set stateDirectory to /) as string,
    });
  });

  test('a stop that fails is told, and the rest is still cleaned up', async () => {
    const engine = new Proxy(world.engine, {
      get(target, key) {
        if (key === 'stopEnvironment') return async () => Promise.reject(new Error('cannot stop'));
        const value = Reflect.get(target, key) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const session = await openSession({ config: world.config, engine });
    await expect(session.stop()).rejects.toThrow('cannot stop');
    await world.engine.stopEnvironment(session.environment.id);
    await expect(session.stop()).rejects.toThrow('cannot stop');
  });
});

describe('a stop that does not bring the work back', () => {
  async function failToStop() {
    const { config, project } = world;
    const events: SessionEvent[] = [];
    const session = await openSession({
      config: { ...config, session: { ...config.session, checkpointMs: 50 } },
      strategy: 'upload',
      onEvent: (event) => events.push(event),
    });
    await session.run(['sh', '-c', 'echo work >made']);
    await rename(project, `${project}-away`);
    await expect(session.stop()).rejects.toMatchObject({ details: { harvested: false } });
    const restore = () => rename(`${project}-away`, project);
    return { session, events, restore };
  }

  test('can be tried again, by a session that goes on and saves its work meanwhile', async () => {
    const { session, events, restore } = await failToStop();
    await restore();
    await expect.poll(() => events.splice(0).some(({ type }) => type === 'checkpoint')).toBe(true);
    expect((await session.run(['cat', 'made'])).stdout).toBe('work\n');
    await session.run(['sh', '-c', 'echo more >made']);
    await session.stop();
    expect(await readFile(join(world.project, 'made'), 'utf8')).toBe('more\n');
    await expect(session.run(['true'])).rejects.toMatchObject({ code: 'RECAC_ENGINE_UNAVAILABLE' });
  });

  test('can be given up', async () => {
    const { session, restore } = await failToStop();
    await session.stop({ discard: true });
    await restore();
    expect(await world.engine.listEnvironments()).toEqual([]);
  });

  test('ends the connection of a block that is left', async () => {
    const { session, events, restore } = await failToStop();
    await expect(session[Symbol.asyncDispose]()).rejects.toMatchObject({ details: { harvested: false } });
    await expect(session.run(['true'])).rejects.toMatchObject({ code: 'RECAC_ENGINE_UNAVAILABLE' });
    await restore();
    events.splice(0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(events).toEqual([]);
    expect(await stopSession(world.engine, session.name)).toMatchObject({ stopped: true });
    expect(await readFile(join(world.project, 'made'), 'utf8')).toBe('work\n');
  });
});

// No issue number: a review found that the end of the connection hid the work that did not come back.
test('a block that is left gives the error of the stop first, and after it the one of closing the engine', async () => {
  const { engine, project, config, directory } = world;
  await using session = await openSession({ config, engine, strategy: 'upload' });
  const { environment } = session;
  const closing = createSession({
    engine,
    closeEngine: () => Promise.reject(new Error('cannot close')),
    environment,
    strategy: createUploadWorkspace({ engine, path: project, toBasePath: () => join(directory, 'base') }),
    isKept: false,
    config,
    stateDirectory: join(directory, 'state-of-sessions'),
    emit: () => {},
  });
  await rename(project, `${project}-away`);
  await expect(closing[Symbol.asyncDispose]()).rejects.toMatchObject({
    code: 'RECAC_WORKSPACE_UNAVAILABLE',
    details: { harvested: false, cleanup: [{ message: 'cannot close' }] },
  });
  await rename(`${project}-away`, project);
});
