import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerEngine } from '@recac/engine-core';
import { expect, test, vi } from 'vitest';
import { type CliPlace, type RunningCli, runCli, startCli } from '../src/cli.ts';
import { createPlace, type PlaceOptions } from '../src/place.ts';

/** Where sessions of the CLI run, and how a test looks at them without it. */
export interface SessionBackend {
  /** What the CLI is given. */
  readonly place: PlaceOptions;
  /** Opens an engine on the same backend. */
  readonly createEngine: () => ContainerEngine;
  /** Checks what the backend itself has of a session that is gone. Default: nothing. */
  readonly checkGone?: (name: string) => Promise<void>;
}

/** What every session of these tests is started with. */
export const sessionOptions = ['--image', 'recac-test/busybox:1', '--sync', 'none'];

/** A session's name: one that no other run of the tests has. */
export function toSessionName(what: string): string {
  return `${what}-${process.pid}`;
}

/** Ids of the environments of a session. */
export async function findSession({ createEngine }: SessionBackend, name: string): Promise<readonly string[]> {
  await using engine = createEngine();
  return (await engine.listEnvironments({ sessionId: name })).map(({ id }) => id);
}

/** Kills a CLI, and waits until it has ended. */
export async function kill(running: RunningCli): Promise<void> {
  running.child.kill('SIGKILL');
  expect((await running.ended).signal).toBe('SIGKILL');
}

/** Runs a test in a place of its own, `through` another way to the backend where one is given; its session is gone in the end, or the test fails and removes it. */
export async function inPlace(
  backend: SessionBackend,
  name: string,
  run: (place: CliPlace) => Promise<void>,
  through: PlaceOptions = backend.place,
): Promise<void> {
  await using place = await createPlace(through);
  try {
    await run(place);
    expect(JSON.parse((await runCli(place, ['list', '--json'])).stdout)).not.toContainEqual(
      expect.objectContaining({ sessionId: name }),
    );
    expect(await findSession(backend, name), 'nothing is left').toEqual([]);
    await backend.checkGone?.(name);
  } finally {
    await using engine = backend.createEngine();
    for (const id of await findSession(backend, name)) await engine.stopEnvironment(id);
  }
}

/** The tests that are the same on every backend that isolates. */
export function killedClientCases(backend: SessionBackend): void {
  const start = (place: CliPlace, name: string, ...args: readonly string[]): RunningCli =>
    startCli(place, ['run', '--quiet', '--name', name, ...sessionOptions, ...args]);

  test('row 1: kill -9, and nobody comes back: command and environment go with the lease', async () => {
    const name = toSessionName('leased');
    await inPlace(backend, name, async (place) => {
      const running = start(place, name, '--lease', '2s', '-c', 'echo begun; exec sleep 300');
      await running.until('begun');
      await kill(running);
      await expect.poll(() => findSession(backend, name), { timeout: 60_000, interval: 500 }).toEqual([]);
    });
  });

  test('row 3: kill -9 in the middle of a copy: nothing of it is to be seen, and no process of it stays', async () => {
    const name = toSessionName('copied');
    await inPlace(backend, name, async (place) => {
      expect((await runCli(place, ['start', '--quiet', '--name', name, ...sessionOptions])).code).toBe(0);
      const tree = join(place.project, 'tree');
      await mkdir(tree);
      await writeFile(join(tree, 'large'), Buffer.alloc(400 * 2 ** 20, 'x'));
      await using engine = backend.createEngine();
      const [id = ''] = await findSession(backend, name);
      const inside = async (script: string): Promise<string> => (await engine.exec(id, ['sh', '-c', script])).stdout;
      expect(await inside('ls -A')).toBe('');
      const copying = startCli(place, ['cp', '--quiet', tree, `${name}:tree`]);
      await vi.waitUntil(async () => (await inside('ls -A')) !== '', { timeout: 60_000, interval: 10 });
      await kill(copying);
      const left = 'ls -A; grep -l "^tar" /proc/[0-9]*/cmdline';
      await expect.poll(() => inside(left), { timeout: 40_000, interval: 500 }).toBe('');
      expect((await runCli(place, ['stop', '--quiet', name])).code).toBe(0);
    });
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('row 4: %s stops the command and leaves nothing', async (signal, code) => {
    const name = toSessionName(`signal-${signal.toLowerCase()}`);
    await inPlace(backend, name, async (place) => {
      const running = start(place, name, '-c', 'echo begun; sleep 300');
      await running.until('begun');
      running.child.kill(signal);
      expect((await running.ended).code).toBe(code);
    });
  });

  test('row 5: nobody reads stdout any more: the command ends, 141, no stack trace, nothing is left', async () => {
    const name = toSessionName('pipe');
    await inPlace(backend, name, async (place) => {
      const running = start(place, name, '-c', 'while :; do echo y; done');
      running.child.stdout.once('data', () => running.child.stdout.destroy());
      const { code, stderr } = await running.ended;
      expect(code).toBe(141);
      expect(stderr).not.toContain('    at ');
    });
  });
}
