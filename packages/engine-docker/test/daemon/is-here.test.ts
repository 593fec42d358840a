import { expect, test } from 'vitest';
import { isHere } from '../../src/daemon/is-here.ts';
import { findHostAddresses } from '../../src/network/daemon-machine.ts';

test.each([
  'unix:///run/docker.sock',
  'npipe:////./pipe/docker_engine',
  'tcp://localhost:2375',
  'tcp://127.0.0.1:1',
  'tcp://127.9.0.1:1',
  'tcp://[::1]:2376',
  'ssh://root@localhost',
])('%s is this machine, whose addresses the preset internet blocks', (endpoint) => expect(isHere(endpoint)).toBe(true));

test('all addresses of this machine are those of a daemon that is reached over loopback', async () => {
  expect(await findHostAddresses('tcp://localhost:2375')).toEqual(await findHostAddresses('unix:///run/docker.sock'));
});

test.each([
  'tcp://build.example:2376',
  'tcp://127.0.0.1.example:2376',
  'ssh://root@build.example',
  'tcp://10.0.0.1:2375',
])('%s may be another', (endpoint) => expect(isHere(endpoint)).toBe(false));
