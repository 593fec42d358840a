import { selects } from './label-selector.ts';
import type { ClusterObjects, NetworkPolicy, PolicyPod } from './policy-objects.ts';
import { hasOwnAddress, type PeerAddresses, toAddresses, toPortMatches } from './policy-peers.ts';

/** Chain of the table `filter` through which every packet from and to pods goes. */
export const mainChain = 'RECAC-POLICIES';

/** Prefix of the chains of pods. */
export const podChainPrefix = 'RECAC-POD-';

/** Set on a packet that some policy lets through; kube-proxy uses other bits. */
const allowed = '0x20000/0x20000';

/** What happens to a packet that no policy lets through. */
export type Verdict = 'REJECT' | 'DROP';

/**
 * The rules of iptables that mean what policies mean, as `iptables-restore` reads them: chains by name. A pod that some policy selects for a direction is
 * closed in it, but for what the policies that select it allow together. Answers, and a pod's own packets to itself, always pass.
 */
export function toRules(objects: ClusterObjects, verdict: Verdict): ReadonlyMap<string, readonly string[]> {
  const chains = new Map<string, readonly string[]>();
  const main = ['-m conntrack --ctstate ESTABLISHED,RELATED -j RETURN'];
  for (const pod of objects.pods.filter(hasOwnAddress)) {
    const address = pod.status?.podIP ?? '';
    const own = objects.policies.filter(
      ({ metadata, spec }) =>
        metadata.namespace === pod.metadata.namespace && selects(spec.podSelector, pod.metadata.labels),
    );
    for (const type of ['Ingress', 'Egress'] as const) {
      const policies = own.filter(({ spec }) => spec.policyTypes.includes(type));
      if (policies.length === 0) continue;
      const chain = `${podChainPrefix}${type.charAt(0)}-${address.replaceAll('.', '-')}`;
      const [side, other] = type === 'Ingress' ? ['-d', '-s'] : ['-s', '-d'];
      main.push(`${side} ${address} ! ${other} ${address} -j ${chain}`);
      addPod(chains, chain, { pod, type, policies, objects, verdict });
    }
  }
  chains.set(mainChain, main);
  return chains;
}

interface Direction {
  readonly pod: PolicyPod;
  readonly type: 'Ingress' | 'Egress';
  readonly policies: readonly NetworkPolicy[];
  readonly objects: ClusterObjects;
  readonly verdict: Verdict;
}

/** A pod's chain for a direction, and one for each range that has exceptions. */
function addPod(chains: Map<string, readonly string[]>, chain: string, direction: Direction): void {
  const rules = [`-j MARK --set-xmark 0x0/${allowed.split('/')[1]}`];
  const side = direction.type === 'Ingress' ? '-s' : '-d';
  const allow = `-j MARK --set-xmark ${allowed}`;
  for (const { addresses, matches } of toAllowed(direction)) {
    const passes = matches.map((match) => `${match} ${allow}`.trim());
    if (addresses.except.length === 0) rules.push(...passes.map((pass) => `${side} ${addresses.range} ${pass}`));
    else {
      const block = `${chain}-${rules.length}`;
      chains.set(block, [...addresses.except.map((range) => `${side} ${range} -j RETURN`), ...passes]);
      rules.push(`${side} ${addresses.range} -j ${block}`);
    }
  }
  const refused = `-m mark ! --mark ${allowed}`;
  // The kernel limits how often it answers by ICMP, not by a reset.
  if (direction.verdict === 'REJECT') rules.push(`-p tcp ${refused} -j REJECT --reject-with tcp-reset`);
  chains.set(chain, [...rules, `${refused} -j ${direction.verdict}`]);
}

interface Allowed {
  readonly addresses: PeerAddresses;
  readonly matches: readonly string[];
}

function toAllowed({ pod, type, policies, objects }: Direction): readonly Allowed[] {
  return policies.flatMap(({ metadata, spec }) => {
    if (type === 'Ingress')
      return (spec.ingress ?? []).flatMap(({ from, ports }) =>
        toAddresses(from, metadata.namespace, objects).map((addresses) => ({
          addresses,
          matches: toPortMatches(ports, pod),
        })),
      );
    return (spec.egress ?? []).flatMap(({ to, ports }) =>
      toAddresses(to, metadata.namespace, objects).map((addresses) => ({
        addresses,
        matches: toPortMatches(ports, addresses.pod),
      })),
    );
  });
}
