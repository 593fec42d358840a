import { describePodman, type RunningPodman, startPodman, testImages } from '@recac/e2e-docker';
import type { NetworkPreset } from '@recac/engine-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDaemon } from '../../src/daemon/connect-daemon.ts';
import { createDockerEngine } from '../../src/index.ts';
import { createNetwork } from '../../src/network/create-network.ts';
import { removeOrphanNetworks } from '../../src/network/remove-orphan-networks.ts';
import { busyboxImage } from '../test-engine.ts';
import { ask } from './neighbours.ts';
import { reach } from './reach.ts';
import { createTestWorld, machineAddress, type TestWorld, worldAddresses } from './test-world.ts';

describePodman('network presets on Podman, by trying', () => {
  let podman: RunningPodman;
  let world: TestWorld;

  beforeAll(async () => {
    podman = await startPodman(testImages.filter(({ reference }) => reference === busyboxImage));
    world = await createTestWorld(new URL(podman.host).pathname);
  }, 120_000);

  afterAll(async () => {
    world?.[Symbol.dispose]();
    await podman?.stop();
  }, 60_000);

  async function findNetworks(): Promise<readonly string[]> {
    const filters = encodeURIComponent(JSON.stringify({ label: ['recac.dev/managed=true'] }));
    return (await ask(podman.host, `/networks?filters=${filters}`)).map(({ Id }: { readonly Id: string }) => Id);
  }

  /** What answers HTTP to an environment, and how many networks of ours there are while it runs and afterwards. */
  async function tryFrom(network: NetworkPreset, script = 'true') {
    await using engine = createDockerEngine({
      host: podman.host,
      network: { dnsServers: [worldAddresses.nameServer], hostAddresses: [machineAddress] },
    });
    const { id } = await engine.startEnvironment({ sessionId: `presets-${network}`, image: busyboxImage, network });
    const { State, NetworkSettings } = await ask(podman.host, `/containers/${id}/json`);
    const [{ Gateway: gateway }] = Object.values(NetworkSettings.Networks) as [{ readonly Gateway: string }];
    const targets = { ...worldAddresses, machine: machineAddress, gateway };
    const reached = reach(targets, 'plain', (argv) => world.runInContainer(State.Pid, argv));
    const during = await findNetworks();
    const { stdout } = await engine.exec(id, ['sh', '-c', script, 'recac', gateway]);
    await engine.stopEnvironment(id);
    return { reached, stdout, during: during.length, after: await findNetworks() };
  }

  test('the network of an environment goes with it', async () => {
    expect(await tryFrom('open')).toMatchObject({
      reached: [...Object.keys(worldAddresses), 'machine', 'gateway'],
      during: 1,
      after: [],
    });
  }, 60_000);

  test('internet: public addresses are reached and nothing else', async () => {
    expect(await tryFrom('internet')).toMatchObject({ reached: ['public'], during: 1, after: [] });
  }, 60_000);

  // Where Podman has aardvark-dns, it answers there, and no other name server is named to the environment.
  test('internet: names are asked at the gateway', async () => {
    const { stdout } = await tryFrom('internet', 'nslookup -type=a somewhere.test "$1" 2>&1');
    expect(stdout).toContain('203.0.113.10');
  }, 60_000);

  test('a network whose client died goes while other environments run, whose networks stay', async () => {
    await using engine = createDockerEngine({ host: podman.host });
    const { id } = await engine.startEnvironment({ sessionId: 'other', image: busyboxImage, network: 'open' });
    const signal = AbortSignal.timeout(30_000);
    const { client } = await connectDaemon({ host: podman.host }, signal);
    try {
      const [used] = await findNetworks();
      await createNetwork(client, { sessionId: 'orphan' }, { signal, onLate: () => {} });
      expect(await removeOrphanNetworks(client)).toBe(0);
      expect(await removeOrphanNetworks(client, { graceMs: -60_000 })).toBe(1);
      expect(await findNetworks()).toEqual([used]);
    } finally {
      client.close();
      await engine.stopEnvironment(id);
    }
  }, 60_000);
});
