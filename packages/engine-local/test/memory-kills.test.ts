import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import type { ContainerEngine } from '@recac/engine-core';
import { createEngine, type ProcessSpec, type RawProcess } from '@recac/engine-kit';
import { expect, test } from 'vitest';
import { LocalDriver } from '../src/local-driver.ts';
import { detectPlatform } from '../src/local-platform.ts';
import { findShells } from './find-shells.ts';
import { withStateDirectory } from './with-environment.ts';

const linuxShells = findShells().filter(({ missing }) => !missing && process.platform === 'linux');

/** Environments that count what was killed for memory in a file of the test. */
class CountingDriver extends LocalDriver {
  readonly #directory: string;

  constructor(stateDirectory: string, shell: readonly string[]) {
    super({ stateDirectory, shell, platform: detectPlatform() });
    Object.assign(this, { capabilities: { ...this.capabilities, isolation: 'container' } });
    this.#directory = join(stateDirectory, 'cgroup');
  }

  override openProcess(id: string, spec: ProcessSpec): Promise<RawProcess> {
    const argv = spec.argv.map((word) => String(word).replaceAll('/sys/fs/cgroup', this.#directory));
    return super.openProcess(id, { ...spec, argv });
  }
}

interface Parts {
  readonly engine: ContainerEngine;
  readonly id: string;
  /** As another client would. */
  readonly createOther: () => ContainerEngine;
  /** A command that ends as one does that is killed, once `count` processes of the environment have been killed for memory. */
  readonly killed: (count: number, first?: string) => readonly string[];
}

async function withCount(argv: readonly string[], work: (parts: Parts) => Promise<void>): Promise<void> {
  await withStateDirectory(async (stateDirectory) => {
    mkdirSync(join(stateDirectory, 'cgroup'));
    const events = join(stateDirectory, 'cgroup', 'memory.events');
    writeFileSync(events, 'low 0\noom 0\noom_kill 0\noom_group_kill 0\n');
    const createOther = (): ContainerEngine => createEngine(new CountingDriver(stateDirectory, argv));
    await using engine = createOther();
    const { id } = await engine.startEnvironment({ sessionId: 'test' });
    const killed = (count: number, first = ':') => [
      'sh',
      '-c',
      `${first}; printf 'low 0\\noom 9\\noom_kill ${count}\\noom_group_kill 9\\n' >'${events}'; kill -9 $$`,
    ];
    try {
      await work({ engine, id, createOther, killed });
    } finally {
      await engine.stopEnvironment(id);
    }
  });
}

const byMemory = { outcome: { type: 'signaled', signal: 'SIGKILL' }, outOfMemory: true };

test.each(linuxShells)(
  'under $name, what was killed for memory before is not taken for this command',
  async ({ argv }) => {
    await withCount(argv, async ({ engine, id, createOther, killed }) => {
      expect(await engine.exec(id, killed(1))).toMatchObject(byMemory);
      expect((await engine.exec(id, killed(1))).outOfMemory).toBeUndefined();
      await using other = createOther();
      expect((await other.exec(id, killed(1))).outOfMemory).toBeUndefined();
      expect(await other.exec(id, killed(2))).toMatchObject(byMemory);
      // What another client has seen killed is known here within a second.
      await setTimeout(1_000);
      expect((await engine.exec(id, killed(2))).outOfMemory).toBeUndefined();
    });
  },
);

test.each(linuxShells)(
  'under $name, of commands that are killed together each says so, to everybody',
  async ({ argv }) => {
    await withCount(argv, async ({ engine, id, createOther, killed }) => {
      const handles = [];
      const both = killed(2, 'until [ -e go ]; do sleep 0.05; done');
      for (let time = 0; time < 2; time += 1) handles.push(await engine.spawn(id, both));
      await engine.exec(id, ['touch', 'go']);
      for (const handle of handles) expect(await handle.wait()).toMatchObject(byMemory);
      await using other = createOther();
      for (const { execId } of handles)
        expect(await (await other.attachExec(id, execId)).wait()).toMatchObject(byMemory);
    });
  },
);

test.each(linuxShells)(
  'under $name, a command that exits by itself does not say so, unless as one does whose child was killed',
  async ({ argv }) => {
    await withCount(argv, async ({ engine, id, killed }) => {
      const [shell = '', option = '', script = ''] = killed(1);
      const result = await engine.exec(id, [shell, option, script.replace('kill -9 $$', 'exit 1')]);
      expect(result).toMatchObject({ outcome: { type: 'exited', code: 1 } });
      expect(result.outOfMemory).toBeUndefined();
      const ofChild = [shell, option, 'sh -c "$1"; exit $?', 'sh', String(killed(2)[2])];
      const byChild = { outcome: { type: 'exited', code: 137 }, outOfMemory: true };
      expect(await engine.exec(id, ofChild)).toMatchObject(byChild);
    });
  },
);
