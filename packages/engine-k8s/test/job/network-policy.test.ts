import { BlockList } from 'node:net';
import { describe, expect, test } from 'vitest';
import { toNetworkPolicy } from '../../src/job/network-policy.ts';

const base = { namespace: 'agents', metadata: { labels: {}, annotations: {} } };
const spec = { sessionId: 'x' };
type Block = { readonly cidr: string; readonly except?: readonly string[] };
type Rule = { readonly to: readonly { readonly ipBlock?: Block }[]; readonly ports?: readonly unknown[] };

describe('the network policy of an environment', () => {
  test('open has none; none lets nothing in or out', () => {
    expect(toNetworkPolicy(spec, { ...base, preset: 'open' })).toBeUndefined();
    expect(toNetworkPolicy(spec, { ...base, preset: 'none' })?.spec).toEqual({
      podSelector: { matchLabels: { 'recac.dev/managed': 'true', 'recac.dev/name': 'recac-agent-x' } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [],
    });
  });

  test('internet leaves public addresses and names only', () => {
    const policy = toNetworkPolicy(spec, {
      ...base,
      preset: 'internet',
      blockedAddresses: ['203.0.113.7', '2001:db8::7'],
    });
    const [dns, openShiftDns, out] = (policy?.spec.egress ?? []) as readonly Rule[];
    expect(openShiftDns).toMatchObject({
      to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'openshift-dns' } } }],
      ports: [{ port: 5353 }, { port: 5353 }],
    });
    expect(dns?.ports).toEqual([
      { protocol: 'UDP', port: 53 },
      { protocol: 'TCP', port: 53 },
    ]);
    const blocked = { ipv4: new BlockList(), ipv6: new BlockList() }; // apart: one list takes IPv4 for mapped IPv6
    for (const range of out?.to.flatMap(({ ipBlock }) => ipBlock?.except ?? []) ?? []) {
      const [address = '', prefix] = range.split('/');
      const family = address.includes(':') ? 'ipv6' : 'ipv4';
      blocked[family].addSubnet(address, Number(prefix), family);
    }
    for (const address of [
      '10.0.0.1',
      '172.31.0.1',
      '192.168.1.1',
      '100.64.0.1',
      '169.254.169.254',
      '127.0.0.1',
      '203.0.113.7',
    ])
      expect(blocked.ipv4.check(address), address).toBe(true);
    for (const address of ['fd00:ec2::254', 'fe80::1', '::1', '::ffff:a00:1', '64:ff9b::a00:1', '2001:db8::7'])
      expect(blocked.ipv6.check(address, 'ipv6'), address).toBe(true);
    for (const address of ['1.1.1.1', '8.8.8.8', '172.32.0.1'])
      expect(blocked.ipv4.check(address), address).toBe(false);
    expect(blocked.ipv6.check('2606:4700::1111', 'ipv6')).toBe(false);
  });

  test('goes with its Job, without a right on finalizers', () => {
    const policy = toNetworkPolicy(spec, { ...base, preset: 'none', owner: { name: 'recac-agent-x', uid: 'u' } });
    expect(policy?.metadata.ownerReferences).toEqual([
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        name: 'recac-agent-x',
        uid: 'u',
        controller: false,
        blockOwnerDeletion: false,
      },
    ]);
  });
});
