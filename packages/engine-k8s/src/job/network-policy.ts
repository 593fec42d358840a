import { isIP } from 'node:net';
import { type EnvironmentSpec, labelKeys, type NetworkPreset, toEnvironmentName } from '@recac/engine-core';
import { blockedRanges4, blockedRanges6 } from '@recac/engine-kit';
import type { JobMetadata } from './job-labels.ts';
import type { NewMetadata, OwnerReference } from './job-object.ts';

/** A NetworkPolicy as we create it; fields as in networking.k8s.io/v1. */
export interface NewNetworkPolicy {
  /** Always `networking.k8s.io/v1`. */
  readonly apiVersion: 'networking.k8s.io/v1';
  /** Always `NetworkPolicy`. */
  readonly kind: 'NetworkPolicy';
  /** Name, labels, owner. */
  readonly metadata: NewMetadata;
  /** Whom it is for and what they may reach. */
  readonly spec: {
    readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly policyTypes: readonly ['Ingress', 'Egress'];
    readonly ingress: readonly [];
    readonly egress: readonly unknown[];
  };
}

/** What a policy depends on beside the specification. */
export interface NetworkPolicyFacts {
  /** Namespace of the environment. */
  readonly namespace: string;
  /** The preset that holds. */
  readonly preset: NetworkPreset;
  /** Labels and annotations, as of the Job. */
  readonly metadata: JobMetadata;
  /** The Job, which takes the policy along when it goes. Default: none yet. */
  readonly owner?: { readonly name: string; readonly uid: string };
  /** Addresses of the API server, and others that must not be reached though they are public. Default: none. */
  readonly blockedAddresses?: readonly string[];
}

/** The cache on a node (NodeLocal DNSCache), and the resolver of GKE, which is the metadata address: port 53 only. */
const dnsAddresses = ['169.254.20.10', '169.254.169.254'] as const;

/** The NetworkPolicy of an environment; undefined for `open`, which has none. Nothing may come in; out goes what the preset says. */
export function toNetworkPolicy(spec: EnvironmentSpec, facts: NetworkPolicyFacts): NewNetworkPolicy | undefined {
  if (facts.preset === 'open') return undefined;
  const name = toEnvironmentName(spec.sessionId);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name,
      namespace: facts.namespace,
      ...facts.metadata,
      ...(facts.owner === undefined ? {} : { ownerReferences: [toOwner(facts.owner)] }),
    },
    spec: {
      podSelector: { matchLabels: { [labelKeys.managed]: 'true', [labelKeys.name]: name } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: facts.preset === 'none' ? [] : toInternet(facts),
    },
  };
}

function toOwner({ name, uid }: { readonly name: string; readonly uid: string }): OwnerReference {
  return { apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: false, blockOwnerDeletion: false };
}

function toInternet({ blockedAddresses = [] }: NetworkPolicyFacts): unknown[] {
  const blocked4 = blockedAddresses.filter((address) => isIP(address) === 4).map((address) => `${address}/32`);
  const blocked6 = blockedAddresses.filter((address) => isIP(address) === 6).map((address) => `${address}/128`);
  const servers = dnsAddresses.map((address) => ({ ipBlock: { cidr: `${address}/32` } }));
  return [
    { to: [toPods('kube-system', { 'k8s-app': 'kube-dns' }), ...servers], ports: toPorts(53) },
    // OpenShift's name server listens on another port than its service, and policies mean the port of the pod.
    { to: [toPods('openshift-dns', { 'dns.operator.openshift.io/daemonset-dns': 'default' })], ports: toPorts(5353) },
    {
      to: [
        { ipBlock: { cidr: '0.0.0.0/0', except: [...blockedRanges4, ...blocked4] } },
        { ipBlock: { cidr: '::/0', except: [...blockedRanges6, ...blocked6] } },
      ],
    },
  ];
}

function toPods(namespace: string, matchLabels: Readonly<Record<string, string>>): unknown {
  return {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    podSelector: { matchLabels },
  };
}

function toPorts(port: number): unknown[] {
  return ['UDP', 'TCP'].map((protocol) => ({ protocol, port }));
}
