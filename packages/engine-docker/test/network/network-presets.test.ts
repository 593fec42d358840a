import { describeOwnDaemon, type RunningDaemon, startDaemon, testImages } from '@recac/e2e-docker';
import type { NetworkPreset } from '@recac/engine-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDaemon } from '../../src/daemon/connect-daemon.ts';
import { createDockerEngine } from '../../src/index.ts';
import { createNetwork } from '../../src/network/create-network.ts';
import { removeOrphanNetworks } from '../../src/network/remove-orphan-networks.ts';
import { ask, type Neighbours, startNeighbours } from './neighbours.ts';
import { reach } from './reach.ts';
import { createTestWorld, machineAddress, type TestWorld, worldAddresses } from './test-world.ts';

const image = 'recac-test/busybox:1';
const images = testImages.filter(({ reference }) => reference === image);

describeOwnDaemon('network presets, by trying', () => {
  let daemon: RunningDaemon;
  let world: TestWorld;
  let neighbours: Neighbours;

  beforeAll(async () => {
    daemon = await startDaemon({ images });
    world = await createTestWorld(daemon.socket);
    neighbours = await startNeighbours(daemon.host, image);
  }, 120_000);

  afterAll(async () => {
    await neighbours?.stop();
    world?.[Symbol.dispose]();
    await daemon?.stop();
  }, 60_000);

  /** Which of the targets answer HTTP to a container, and everything else that a test needs to know of it. */
  async function tryFrom(network: NetworkPreset, script = 'true') {
    await using engine = createDockerEngine({
      host: daemon.host,
      network: { dnsServers: [worldAddresses.nameServer], hostAddresses: [machineAddress] },
    });
    const warnings: string[] = [];
    const sessionId = `presets-${network}`;
    const { id } = await engine.startEnvironment(
      { sessionId, image, network },
      { onWarning: (text) => warnings.push(text) },
    );
    try {
      const { State, NetworkSettings } = await ask(daemon.host, `/containers/${id}/json`);
      const [own] = Object.values(NetworkSettings.Networks) as [{ readonly Gateway: string }];
      const targets = { ...worldAddresses, machine: machineAddress, gateway: own.Gateway, ...neighbours.addresses };
      const execute = (argv: readonly string[]) => world.runInContainer(State.Pid, argv);
      const [reached, bound] = [reach(targets, 'plain', execute), reach(targets, 'bound', execute)];
      const { stdout } = await engine.exec(id, ['sh', '-c', script]);
      return { reached, bound, stdout, warnings };
    } finally {
      await engine.stopEnvironment(id);
      await engine.close();
    }
  }

  test('the machine reaches them all: servers and probes work', () => {
    const targets = { ...worldAddresses, machine: machineAddress, ...neighbours.addresses };
    expect(reach(targets, 'plain', world.runOnMachine)).toEqual(Object.keys(targets));
  });

  test('none: nothing but itself is reached', async () => {
    const { reached, bound, stdout, warnings } = await tryFrom('none', 'ls /sys/class/net; cat /proc/net/if_inet6');
    expect([reached, bound, warnings]).toEqual([[], [], []]);
    expect(stdout).toMatch(/^lo\n/);
  }, 60_000);

  test('open: everything but the neighbours is reached, with a warning', async () => {
    const { reached, warnings, stdout } = await tryFrom('open', 'nslookup -type=a somewhere.test 127.0.0.11 2>&1');
    expect(reached).toEqual([...Object.keys(worldAddresses), 'machine', 'gateway', 'neighbourGateway']);
    expect(stdout).toContain('203.0.113.10');
    expect(warnings).toEqual([expect.stringContaining('network is open')]);
  }, 60_000);

  test('internet: public addresses and names are reached and nothing else, also not through a socket bound to the interface', async () => {
    const { reached, bound, stdout, warnings } = await tryFrom(
      'internet',
      'nslookup -type=a somewhere.test 127.0.0.11 2>&1',
    );
    expect([reached, bound, warnings]).toEqual([['public'], ['public'], []]);
    expect(stdout).toContain('203.0.113.10');
  }, 60_000);

  test('internet: what is private is refused at once, IPv6 is off, and routes cannot be changed', async () => {
    const { stdout } = await tryFrom(
      'internet',
      `ip route get ${worldAddresses.metadata} 2>&1; cat /proc/net/if_inet6; ip route flush table 101 2>&1; ip rule del pref 30 2>&1`,
    );
    expect(stdout).toMatch(/unreachable|No route to host/);
    expect(stdout.match(/not permitted/g)).toHaveLength(2);
    expect(stdout).not.toMatch(/eth0$/m);
  }, 60_000);

  test('a network whose client died before it made the container goes, once it is a minute old', async () => {
    const signal = AbortSignal.timeout(30_000);
    const { client } = await connectDaemon({ host: daemon.host }, signal);
    const made = await createNetwork(client, { sessionId: 'orphan' }, { signal, onLate: () => {} });
    expect(await removeOrphanNetworks(client)).toBe(0);
    expect(await removeOrphanNetworks(client, { graceMs: -60_000 })).toBe(1);
    await expect(ask(daemon.host, `/networks/${made.id}`)).rejects.toThrow('404');
    client.close();
  });

  test('nothing of ours is left, networks and helpers included', async () => {
    const filters = encodeURIComponent(JSON.stringify({ label: ['recac.dev/managed=true'] }));
    const find = async (path: string) =>
      (await ask(daemon.host, `${path}filters=${filters}`)).map(({ Id }: { Id: string }) => Id);
    expect(await find('/containers/json?all=1&')).toEqual([neighbours.environment]);
    expect(await find('/networks?')).toEqual([neighbours.network]);
  });
});
