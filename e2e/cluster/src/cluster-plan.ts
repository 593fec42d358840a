import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Everything about a cluster that is decided before it starts. */
export interface ClusterPlan {
  /** Directory of all its files. */
  readonly directory: string;
  /** The program with the components. */
  readonly program: string;
  /** Its id, part of every name on this machine that is its own. */
  readonly id: string;
  /** Interface of this side of the cable to it. */
  readonly cable: string;
  /** This machine's address on the cable. */
  readonly ownAddress: string;
  /** The cluster's address on the cable: of its API server and its node. */
  readonly address: string;
  /** Address of the API server. */
  readonly server: string;
  /** Addresses of pods. */
  readonly podRange: string;
  /** Addresses of services. */
  readonly serviceRange: string;
  /** Address of the service `kubernetes`. */
  readonly serviceAddress: string;
  /** Address of the service `kube-dns`, which pods ask for names; there is none unless a test makes it. */
  readonly dnsAddress: string;
  /** How many nodes there are. */
  readonly nodes: 1 | 2;
  /** Name of the node. */
  readonly node: string;
  /** Control group of its pods. */
  readonly cgroup: string;
  /** Image of the pause container. */
  readonly pauseImage: string;
}

/** Plans a cluster. Its network is its own, so only the cable's addresses (of 198.18.0.0/15, which is for tests) differ between clusters. */
export function planCluster(directory: string, program: string, nodes: 1 | 2): ClusterPlan {
  const id = randomBytes(3).toString('hex');
  const [third = 0, fourth = 0] = randomBytes(2);
  const base = fourth & 0xfc;
  const address = `198.18.${third}.${base + 2}`;
  return {
    directory,
    program,
    id,
    cable: `rc${id}`,
    ownAddress: `198.18.${third}.${base + 1}`,
    address,
    server: `https://${address}:6443`,
    podRange: '10.244.0.0/24',
    serviceRange: '10.96.0.0/16',
    serviceAddress: '10.96.0.1',
    dnsAddress: '10.96.0.10',
    nodes,
    node: 'recac-node',
    cgroup: `/recac-${id}`,
    pauseImage: 'localhost/recac-pause:1',
  };
}

/** The plan of a cluster that was started. */
export async function readPlan(directory: string): Promise<ClusterPlan> {
  return JSON.parse(await readFile(join(directory, 'plan.json'), 'utf8')) as ClusterPlan;
}

/** Path of a kubeconfig of a cluster. */
export function kubeconfigPath(directory: string, user = 'admin'): string {
  return join(directory, `${user}.kubeconfig`);
}
