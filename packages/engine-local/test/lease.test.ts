import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { ContainerEngine, PortConnection } from '@recac/engine-core';
import { createEngine } from '@recac/engine-kit';
import { expect, test } from 'vitest';
import { createLocalEngine } from '../src/index.ts';
import { detectPlatform } from '../src/local-platform.ts';
import { FaultyDriver } from './faulty-driver.ts';
import { startClient } from './start-client.ts';
import { processesOf, until, withEnvironment, withStateDirectory } from './with-environment.ts';

test.concurrent('a client that dies leaves nothing once its lease has run out, though a command runs', async () => {
  await withStateDirectory(async (stateDirectory) => {
    const command = ['sh', '-c', 'trap "" TERM HUP; sleep 60 & setsid sleep 60 & wait'];
    const client = await startClient({ stateDirectory, leaseMs: 3_000, command, feed: false });
    expect(processesOf(client.id, stateDirectory).length).toBeGreaterThan(2);
    await client.kill();
    await until(() => readdirSync(stateDirectory).length === 0, 'the directory is gone');
    await until(() => processesOf(client.id, stateDirectory).length === 0, 'the processes are gone');
    await using engine = createLocalEngine({ stateDirectory });
    await expect(engine.exec(client.id, ['true'])).rejects.toMatchObject({ code: 'RECAC_ENVIRONMENT_NOT_FOUND' });
  });
});

test.concurrent('a lease is renewed for as long as its client lives', async () => {
  await withEnvironment(
    async ({ engine, id }) => {
      await setTimeout(12_000);
      expect((await engine.exec(id, ['echo', 'here'])).stdout).toBe('here\n');
    },
    {},
    { leaseMs: 5_000 },
  );
});

/** Runs a test with a client of an environment that another one has started and left, and the file of its lease. */
async function withSecondClient(
  work: (parts: {
    readonly engine: ContainerEngine;
    readonly driver: FaultyDriver;
    readonly id: string;
    readonly lease: string;
  }) => Promise<void>,
): Promise<void> {
  await withStateDirectory(async (stateDirectory) => {
    const starter = createLocalEngine({ stateDirectory });
    const { id } = await starter.startEnvironment({ sessionId: 'test', leaseMs: 600_000 });
    await starter.close();
    const driver = new FaultyDriver({ stateDirectory, shell: ['sh'], platform: detectPlatform() });
    await using engine = createEngine(driver);
    await work({ engine, driver, id, lease: join(stateDirectory, id, 'run', 'lease') });
    await engine.stopEnvironment(id);
  });
}

test.concurrent('a short command renews the lease with its own request', async () => {
  await withSecondClient(async ({ engine, id, lease }) => {
    await engine.exec(id, ['true']);
    expect(readFileSync(lease, 'latin1')).toMatch(/^[0-9a-f]{12}-0\n$/);
  });
});

test.concurrent('a command that could not be started does not count as a renewal: the next one carries it', async () => {
  await withSecondClient(async ({ engine, driver, id, lease }) => {
    driver.isRefusing = true;
    await expect(engine.exec(id, ['true'])).rejects.toMatchObject({ code: 'RECAC_ENGINE_UNAVAILABLE' });
    driver.isRefusing = false;
    await engine.exec(id, ['true']);
    expect(readFileSync(lease, 'latin1')).toMatch(/^[0-9a-f]{12}-0\n$/);
    writeFileSync(lease, 'of another client\n');
    await engine.exec(id, ['true']);
    expect(readFileSync(lease, 'latin1')).toBe('of another client\n');
  });
});

/** Ports are nothing that the local driver has. */
class PortDriver extends FaultyDriver {
  async openPort(): Promise<PortConnection> {
    return {
      output: Readable.from([]),
      write: async () => {},
      end: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
  }
}

test.concurrent.each<[string, (engine: ContainerEngine, id: string) => Promise<unknown>]>([
  ['a port that is open', (engine, id) => engine.openPort(id, 80)],
  ['a client that runs commands now and then', (engine, id) => engine.exec(id, ['true'])],
])('%s keeps the lease of an environment that another client started', async (_what, use) => {
  await withStateDirectory(async (stateDirectory) => {
    const starter = createLocalEngine({ stateDirectory });
    const { id } = await starter.startEnvironment({ sessionId: 'test', leaseMs: 5_000 });
    await starter.close();
    await using engine = createEngine(new PortDriver({ stateDirectory, shell: ['sh'], platform: detectPlatform() }));
    await use(engine, id);
    await setTimeout(12_000);
    expect((await engine.inspectEnvironment(id)).phase).toBe('Running');
  });
});
