import { selects } from './label-selector.ts';
import type { ClusterObjects, PolicyPeer, PolicyPod, PolicyPort } from './policy-objects.ts';

/** Addresses that a rule lets through. */
export interface PeerAddresses {
  /** A range. */
  readonly range: string;
  /** Ranges of it that are not meant. */
  readonly except: readonly string[];
  /** The pod whose address it is. Default: none, a range is no pod. */
  readonly pod?: PolicyPod;
}

const everywhere: PeerAddresses = { range: '0.0.0.0/0', except: [] };

/** True for a pod whose traffic policies are about: it lives and has an address of its own. */
export function hasOwnAddress({ spec, status }: PolicyPod): boolean {
  const isOver = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  return !spec.hostNetwork && !isOver && status?.podIP !== undefined;
}

/** The addresses of the peers of a rule in a policy's namespace. No peers mean everybody. Ranges of IPv6 are left out: the cluster has none. */
export function toAddresses(
  peers: readonly PolicyPeer[] | undefined,
  namespace: string | undefined,
  objects: ClusterObjects,
): readonly PeerAddresses[] {
  if (peers === undefined || peers.length === 0) return [everywhere];
  return peers.flatMap(({ ipBlock, podSelector = {}, namespaceSelector }) => {
    if (ipBlock) return ipBlock.cidr.includes(':') ? [] : [{ range: ipBlock.cidr, except: ipBlock.except ?? [] }];
    const isMeant = (name: string | undefined): boolean =>
      namespaceSelector === undefined
        ? name === namespace
        : objects.namespaces.some(
            ({ metadata }) => metadata.name === name && selects(namespaceSelector, metadata.labels),
          );
    return objects.pods
      .filter(({ metadata }) => isMeant(metadata.namespace) && selects(podSelector, metadata.labels))
      .filter(hasOwnAddress)
      .map((pod) => ({ range: `${pod.status?.podIP}/32`, except: [], pod }));
  });
}

/**
 * Matches of iptables for the ports of a rule at a receiver. No ports mean every port. A name means the port of that name of the receiving pod, and nothing
 * where that has none.
 */
export function toPortMatches(
  ports: readonly PolicyPort[] | undefined,
  receiver: PolicyPod | undefined,
): readonly string[] {
  if (ports === undefined || ports.length === 0) return [''];
  return ports.flatMap(({ protocol = 'TCP', port, endPort }) => {
    const match = `-p ${protocol.toLowerCase()}`;
    if (port === undefined) return [match];
    if (typeof port === 'number') return [`${match} --dport ${port}${endPort === undefined ? '' : `:${endPort}`}`];
    return (receiver?.spec.containers ?? [])
      .flatMap((container) => container.ports ?? [])
      .filter((own) => own.name === port && (own.protocol ?? 'TCP') === protocol)
      .map((own) => `${match} --dport ${own.containerPort}`);
  });
}
