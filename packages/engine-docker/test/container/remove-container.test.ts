import { labelKeys, toEnvironmentName } from '@recac/engine-core';
import { expect, test } from 'vitest';
import { removeContainer } from '../../src/container/remove-container.ts';
import { connectDaemon } from '../../src/daemon/connect-daemon.ts';
import { createDockerEngine } from '../../src/index.ts';
import { startFakeDaemon } from '../fake-daemon.ts';

const id = 'c'.repeat(64);

test('a container that takes the daemon long to remove is waited for', async () => {
  const goneAt = performance.now() + 4_000;
  await using daemon = await startFakeDaemon('1.47', () =>
    performance.now() < goneAt
      ? { status: 409, json: { message: `removal of container ${id} is already in progress` } }
      : undefined,
  );
  const { client } = await connectDaemon({ host: daemon.host }, AbortSignal.timeout(10_000));
  expect(await removeContainer(client, id)).toBe(false);
  expect(daemon.requests.length).toBeLessThan(20);
  client.close();
});

test('what a client left that died between create and start goes with its workspace, also by the next start of its session', async () => {
  const sessionId = 'given-up';
  const keptVolume = 'recac-workspace-00000000-0000-0000-0000-000000000000';
  const labels = {
    [labelKeys.managed]: 'true',
    [labelKeys.session]: sessionId,
    [labelKeys.name]: toEnvironmentName(sessionId),
    'recac.dev/kept-volume': keptVolume,
  };
  let isLeft = true;
  await using daemon = await startFakeDaemon('1.47', ({ method, path }) => {
    if (path === '/info') return { json: { SystemTime: new Date().toISOString() } };
    if (path === '/containers/create')
      return { status: isLeft ? 409 : 400, json: { message: isLeft ? 'the name is in use' : 'not today' } };
    if (method === 'DELETE') {
      isLeft = false;
      return { status: 204, json: undefined };
    }
    if (!path.startsWith('/containers/') || !isLeft) return undefined;
    const created = new Date(Date.now() - 600_000).toISOString();
    const name = `/${toEnvironmentName(sessionId)}`;
    return { json: { Id: id, Name: name, Created: created, State: { Status: 'created' }, Config: { Labels: labels } } };
  });
  await using engine = createDockerEngine({ host: daemon.host });
  await expect(engine.startEnvironment({ sessionId, image: 'a' })).rejects.toThrow('not today');
  const removed = daemon.requests.filter((request) => request.startsWith('DELETE'));
  expect(removed).toEqual([expect.stringContaining(`/containers/${id}`), `DELETE /volumes/${keptVolume}`]);
});
