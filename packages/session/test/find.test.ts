import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  findExec,
  findSession,
  findTailOffset,
  followExec,
  generateSessionName,
  interruptExec,
  openSession,
  readExec,
  type Session,
  stopSession,
  toShellCommand,
  validateRun,
} from '../src/index.ts';
import { createSessionWorld, type SessionWorld } from './session-world.ts';

let world: SessionWorld;
let session: Session;
beforeEach(async () => {
  world = await createSessionWorld();
  session = await openSession({ config: world.config, engine: world.engine, name: 'found' });
});
afterEach(async () => {
  await session.stop();
  await world[Symbol.asyncDispose]();
});

async function collect(
  read: (listeners: {
    onStdout: (chunk: Uint8Array) => void;
    onStderr: (chunk: Uint8Array) => void;
  }) => Promise<unknown>,
): Promise<string> {
  let text = '';
  const add = (name: string) => (chunk: Uint8Array) => {
    text += `${name}:${Buffer.from(chunk).toString()}`;
  };
  await read({ onStdout: add('out'), onStderr: add('err') });
  return text;
}

test('sessions are found by their exact name, and stopped by it', async () => {
  expect((await findSession(world.engine, 'found')).id).toBe(session.environment.id);
  await expect(findSession(world.engine, 'foun')).rejects.toMatchObject({ code: 'RECAC_ENVIRONMENT_NOT_FOUND' });
  await expect(findSession(world.engine, '')).rejects.toMatchObject({ code: 'RECAC_INVALID_ARGUMENT' });
  expect(await stopSession(world.engine, 'found')).toMatchObject({ stopped: true, report: { changedFiles: 0 } });
  expect(await stopSession(world.engine, 'found')).toEqual({ stopped: false });
});

test('a command is found without an id when it is clear which', async () => {
  const { engine, environment } = session;
  await expect(findExec(engine, environment.id)).rejects.toMatchObject({ code: 'RECAC_EXEC_NOT_FOUND' });
  const ended = await session.spawn(['sh', '-c', 'echo text; echo more >&2']);
  await ended.wait();
  expect((await findExec(engine, environment.id)).execId).toBe(ended.execId);
  const running = await session.spawn(['sleep', '60']);
  expect((await findExec(engine, environment.id)).execId).toBe(running.execId);
  const second = await session.spawn(['sleep', '60']);
  await expect(findExec(engine, environment.id)).rejects.toMatchObject({
    details: { execIds: [running.execId, second.execId] },
  });
  expect((await findExec(engine, environment.id, ended.execId)).state).toBe('ended');
});

test('what was written can be replayed, read and cut to its last lines', async () => {
  const { engine, environment } = session;
  const handle = await session.spawn(['sh', '-c', 'seq 1 50000; printf unfinished; echo e >&2; exit 3']);
  await handle.wait();
  const exec = await findExec(engine, environment.id, handle.execId);
  const offset = (lines: number) =>
    findTailOffset(engine, { environmentId: environment.id, exec, stream: 'stdout', lines });
  const end = exec.stdoutBytes;
  expect([await offset(0), await offset(1), await offset(2)]).toEqual([end, end - 10, end - 16]);
  expect(await offset(20_001)).toBe(end - 10 - 20_000 * 6);
  expect(await offset(1_000_000)).toBe(0);
  const options = { fromStdoutByte: await offset(2) };
  const code: number[] = [];
  expect(
    await collect(async (listeners) =>
      code.push((await followExec(engine, environment.id, exec.execId, { ...options, ...listeners })).exitCode),
    ),
  ).toContain('out:50000\nunfinished');
  expect(code).toEqual([3]);
  expect(
    await collect((listeners) => readExec(engine, environment.id, exec, { fromStdoutByte: end, ...listeners })),
  ).toBe('err:e\n');
});

test('an interrupted command may clean up; one that does not listen is cancelled', async () => {
  const { engine, environment } = session;
  const polite = await session.spawn(['sh', '-c', 'trap "exit 12" INT; echo ready; while :; do sleep 0.05; done']);
  for await (const _ of polite.stdout) break;
  expect((await interruptExec(polite, { graceMs: 10_000 })).exitCode).toBe(12);
  const deaf = await engine.spawn(
    environment.id,
    ['sh', '-c', 'trap "" INT; echo ready; while :; do sleep 0.05; done'],
    { killGraceMs: 200 },
  );
  for await (const _ of deaf.stdout) break;
  expect((await interruptExec(deaf, { graceMs: 100 })).outcome.type).toBe('cancelled');
});

test('scripts run under a shell, byte for byte', async () => {
  const script = 'printf "<%s>" "$0" "$#" \'a "b" $c\'';
  expect((await world.engine.exec(session.environment.id, toShellCommand(script))).stdout).toMatch(
    /^<.*sh><0><a "b" \$c>$/,
  );
});

test('names are two words and differ', () => {
  expect(generateSessionName((limit) => limit - 1)).toBe('zesty-zebra');
  expect(new Set(Array.from({ length: 50 }, () => generateSessionName())).size).toBeGreaterThan(40);
});

test.each([
  [[], {}, 'command'],
  [[''], {}, 'command[0]'],
  [['a\0'], {}, 'command[0]'],
  [['a'], { workingDirectory: 'relative' }, 'workingDirectory'],
  [['a'], { workingDirectory: '/proc/1/root' }, 'workingDirectory'],
  [['a'], { user: 'a:b:c' }, 'user'],
  [['a'], { environmentVariables: { '': 'x' } }, 'environmentVariables'],
])('validateRun(%j, %j) names %s', (command, options, field) => {
  expect(() => validateRun(command, options)).toThrow(
    expect.objectContaining({ code: 'RECAC_INVALID_ARGUMENT', details: expect.objectContaining({ field }) }),
  );
});
