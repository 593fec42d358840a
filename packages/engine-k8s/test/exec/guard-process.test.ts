import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { guardProcess } from '../../src/exec/guard-process.ts';
import { PodProcess } from '../../src/exec/pod-process.ts';
import type { Pod } from '../../src/job/pod.ts';
import { ObjectWatch } from '../../src/watch/object-watch.ts';
import { type Answer, failure, json, startServer } from '../api/test-server.ts';

const pod: Pod = { metadata: { name: 'pod-1', uid: 'a', resourceVersion: '5' }, status: { phase: 'Running' } };
const list = json(200, { metadata: { resourceVersion: '10' }, items: [pod] });

/** A watch that tells of the pod's end, and goes on. */
const deleted: Answer = (_request, response) => {
  const object = { ...pod, metadata: { ...pod.metadata, resourceVersion: '11' } };
  response.write(`${JSON.stringify({ type: 'DELETED', object })}\n`);
};

/** A process over a connection that stays open, answers pings, and says nothing: what an API server does for a node that is dead. */
async function withSilentProcess(run: (process: PodProcess) => Promise<void>): Promise<void> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(socket, 'open');
  const process = new PodProcess({ socket, terminal: false, onSilent: () => {} });
  try {
    await run(process);
  } finally {
    process.close();
    server.close();
  }
}

async function guarded(answers: readonly Answer[], lateMs = 9_000): Promise<string> {
  await using server = await startServer(...answers);
  const pods = new ObjectWatch<Pod>({ client: server.client, path: '/pods', query: {}, project: (object) => object });
  let outcome = 'lives';
  await withSilentProcess(async (process) => {
    guardProcess(process, 'pod-1', () => pods);
    const late = new Promise((resolve) => setTimeout(resolve, lateMs));
    await Promise.race([
      late,
      process.exited.then((exit) => (outcome = exit.type === 'lost' ? exit.reason : exit.type)),
    ]);
  });
  pods.close();
  return outcome;
}

describe('a process whose connection says nothing', () => {
  test.concurrent('is lost when its pod goes', async () => {
    expect(await guarded([list, deleted])).toContain('pod-1 is gone');
  });

  test.concurrent('is lost when its pod had gone before anybody looked', async () => {
    const empty = json(200, { metadata: { resourceVersion: '10' }, items: [] });
    expect(await guarded([empty, (_request, response) => response.flushHeaders()])).toContain('pod-1 is gone');
  });

  test.concurrent('is lost when its pod goes, also where the first list of pods failed', async () => {
    const refused = failure(403, 'Forbidden', 'pods is forbidden: User "me" cannot list resource "pods"');
    expect(await guarded([refused, list, deleted], 14_000)).toContain('pod-1 is gone');
  }, 20_000);

  test.concurrent('lives on with its pod', async () => {
    expect(await guarded([list, (_request, response) => response.flushHeaders()])).toBe('lives');
  });
});
