import type { LocalCluster } from '@recac/engine-core';
import type { ClusterAccess } from './cluster-access.ts';

interface KnownCluster extends LocalCluster {
  /** Names of contexts, as the tool writes them. */
  readonly context: RegExp;
}

/** Tools that run a cluster on the machine of their user, the names of their contexts, and where this machine's files are in a node. */
const knownClusters: readonly KnownCluster[] = [
  { name: 'kind', context: /^kind-/, directories: 'a kind node sees what extraMounts named when it was created' },
  { name: 'k3d', context: /^k3d-/, directories: 'a k3d node sees what --volume named when it was created' },
  {
    name: 'minikube',
    context: /^minikube/,
    directories: 'a minikube node sees what minikube mount shows it, and with the driver none everything',
  },
  {
    name: 'Docker Desktop',
    context: /^docker-(desktop|for-desktop)/,
    directories: 'a node of Docker Desktop sees the shared folders where kubeadm made it, and none where kind did',
  },
  {
    name: 'Rancher Desktop',
    context: /^rancher-desktop/,
    directories: 'a node of Rancher Desktop sees the home directory',
  },
  {
    name: 'Colima',
    context: /^colima/,
    directories: 'a Colima node sees the home directory and what its mounts name',
  },
  { name: 'OrbStack', context: /^orbstack/, directories: 'an OrbStack node sees macOS below /mnt/mac' },
  {
    name: 'MicroK8s',
    context: /^microk8s/,
    directories: 'the node is this machine on Linux, elsewhere a virtual machine that sees what is mounted into it',
  },
  {
    name: 'OpenShift Local',
    context: /(^|\/)api-crc-testing|^crc-/,
    directories: 'its node sees the home directory where that is shared',
  },
  {
    name: 'the test cluster of recac',
    context: /^recac-test$/,
    directories: "its node sees this machine's file system",
  },
];

/** A cluster whose API server listens on this machine alone, whoever made it; a tunnel to another one looks the same. */
const loopback: LocalCluster = {
  name: 'a cluster on this machine',
  directories: 'its node may see directories of this machine',
};

const localHosts = /^(localhost|127(\.\d+){3}|\[::1\]|kubernetes\.docker\.internal|api\.crc\.testing|k8s\.orb\.local)$/;

/** Addresses that are nobody's in public: virtual machines and containers of this machine have such ones (RFC 1918, 2544, 4193). */
const privateHosts = /^(10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.|198\.1[89]\.|\[f[cd])/;

/**
 * The kind of local cluster that a context looks like, by its name and the address of its server. A hint that only adds words: names prove nothing. Undefined where
 * the server has a public address or name, whatever the context is called, and inside a pod.
 */
export function recogniseLocalCluster({
  contextName,
  server,
}: Pick<ClusterAccess, 'contextName' | 'server'>): LocalCluster | undefined {
  const isLocal = localHosts.test(server.hostname);
  if (contextName === 'in-cluster' || !(isLocal || privateHosts.test(server.hostname))) return undefined;
  const known = knownClusters.find(({ context }) => context.test(contextName));
  if (known) return { name: known.name, directories: known.directories };
  return isLocal ? loopback : undefined;
}
