import { hostname } from 'node:os';
import { labelKeys, toEnvironmentName } from '@recac/engine-core';
import { describe, expect, test } from 'vitest';
import { fromLabels, toLabels } from '../../src/container/container-labels.ts';
import { type ContainerFacts, toContainerPlan } from '../../src/container/container-plan.ts';
import { toCreatorLabels } from '../../src/creator-labels.ts';
import { toNetworkPlan } from '../../src/network/network-plan.ts';

const facts: ContainerFacts = {
  image: 'debian:12',
  user: '1000:1000',
  network: toNetworkPlan('none'),
  hardening: 'full',
  autoRemove: true,
  attempt: 'a-1',
  creator: toCreatorLabels(),
  firstProcess: ['sh', '-c', 'lane'],
};

describe('the plan of a container', () => {
  const plan = toContainerPlan({ sessionId: 'x', image: 'debian:12' }, facts);

  test('takes everything away that a command does not need', () => {
    expect(plan.HostConfig).toMatchObject({
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      Init: true,
      AutoRemove: true,
      NetworkMode: 'none',
      PidsLimit: 4_096,
      Memory: 8 * 1_024 ** 3,
      MemorySwap: 8 * 1_024 ** 3,
      LogConfig: { Type: 'none' },
    });
    for (const weak of [
      'Privileged',
      'Binds',
      'Devices',
      'PidMode',
      'UsernsMode',
      'PortBindings',
      'VolumesFrom',
      'CapAdd',
    ])
      expect(plan.HostConfig).not.toHaveProperty(weak);
  });

  test('replaces ENTRYPOINT, CMD and HEALTHCHECK of the image', () => {
    expect(plan.Entrypoint?.[0]).toBe('sh');
    expect(plan.Entrypoint?.slice(-3)).toEqual(facts.firstProcess);
    expect(plan.Cmd).toEqual([]);
    expect(plan.Healthcheck).toEqual({ Test: ['NONE'] });
  });

  test('docker-default takes nothing of root away, and keeps limits, init and network', () => {
    const weaker = toContainerPlan({ sessionId: 'x', image: 'debian:12' }, { ...facts, hardening: 'docker-default' });
    expect(weaker.HostConfig).toMatchObject({ CapDrop: [], PidsLimit: 4_096, Init: true, NetworkMode: 'none' });
  });

  test('has every label of the contract', () => {
    expect(Object.keys(plan.Labels ?? {})).toEqual(expect.arrayContaining(Object.values(labelKeys)));
    expect(plan.Labels?.[labelKeys.owner]).toContain(hostname());
  });

  test('limits follow the specification', () => {
    const limited = toContainerPlan(
      {
        sessionId: 'x',
        image: 'i',
        resources: { limits: { cpu: '1500m', memory: '256Mi' }, requests: { memory: '64Mi' } },
      },
      facts,
    );
    expect(limited.HostConfig).toMatchObject({
      NanoCpus: 1_500_000_000,
      Memory: 256 * 1_048_576,
      MemorySwap: 256 * 1_048_576,
      MemoryReservation: 64 * 1_048_576,
    });
  });

  test('labels come back as they went, without those of the image', () => {
    const spec = { sessionId: 'My Session', image: 'i', labels: { team: 'a', 'x.example/y': '' }, leaseMs: 5_000 };
    const labels = {
      ...toLabels(spec, { workspacePath: '/workspace', network: facts.network, attempt: 'a', creator: facts.creator }),
      maintainer: 'image',
    };
    const names = [`/${toEnvironmentName(spec.sessionId)}`];
    expect(fromLabels({ labels, names })).toMatchObject({
      sessionId: 'My Session',
      leaseMs: 5_000,
      callerLabels: spec.labels,
    });
    expect(fromLabels({ labels: { maintainer: 'image' }, names })).toBeUndefined();
    expect(fromLabels({ labels, names: ['/debug'] })).toBeUndefined();
  });
});
