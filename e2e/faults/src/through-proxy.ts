import { randomUUID } from 'node:crypto';
import type { ContainerEngine } from '@recac/engine-core';
import { createDockerEngine } from '@recac/engine-docker';
import { expect } from 'vitest';
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';
import { listNetworks, listVolumes, removeAll } from './session-objects.ts';

/** Image that the tests run in. */
export const image = 'recac-test/busybox:1';

/** What a test gets whose engine reaches the daemon through a proxy. */
export interface BehindProxy {
  readonly engine: ContainerEngine;
  readonly proxy: CuttingProxy;
  /** A session for the environments of this test. */
  readonly sessionId: string;
  /** Starts an environment of the session and gives its id. */
  start(): Promise<string>;
  /** The ids of the session's environments, asked past the proxy. */
  left(): Promise<readonly string[]>;
}

/** Runs a test behind a proxy. Afterwards nothing of its session may be left: what is, fails the test and is removed. */
export async function throughProxy(host: string, run: (given: BehindProxy) => Promise<void>): Promise<void> {
  await using direct = createDockerEngine({ host });
  await using proxy = await startCuttingProxy(host);
  await using engine = createDockerEngine({ host: proxy.host });
  const sessionId = `fault-${randomUUID()}`;
  const left = async (): Promise<readonly string[]> =>
    (await direct.listEnvironments({ sessionId })).map(({ id }) => id);
  const start = async (): Promise<string> => (await engine.startEnvironment({ sessionId, image })).id;
  try {
    await run({ engine, proxy, sessionId, start, left });
    proxy.rules.clear();
    for (const { id } of await engine.listEnvironments({ sessionId })) await engine.stopEnvironment(id);
    expect(await left(), 'nothing is left').toEqual([]);
    for (const list of [listNetworks, listVolumes])
      await expect.poll(() => list(host, sessionId), { message: 'nothing is left', timeout: 10_000 }).toEqual([]);
  } finally {
    for (const id of await left()) await direct.stopEnvironment(id);
    await removeAll(host, sessionId);
  }
}
