import type { EnvironmentSpec, NetworkPreset } from '@recac/engine-core';
import type { WaitingShell } from '../exec/open-pod-process.ts';
import type { Job, NewJob } from '../job/job-object.ts';
import { toNetworkPolicy } from '../job/network-policy.ts';
import { findApiServerAddresses } from './api-server-addresses.ts';
import type { ClusterNamespace } from './cluster-namespace.ts';
import { createNetworkPolicy } from './create-network-policy.ts';
import { type ProveNetworkOptions, proveNetwork } from './prove-network.ts';

/** The environment whose network is restricted. */
export interface RestrictedEnvironment {
  /** What was asked for. */
  readonly spec: EnvironmentSpec;
  /** Its Job as it was planned. */
  readonly planned: NewJob;
  /** Its Job as it is, which the policy goes with. */
  readonly job: Job;
  /** The preset that holds. */
  readonly preset: NetworkPreset;
}

/** Sees to it that the network presets of one namespace hold. */
export class NetworkGuard {
  /** Presets that the cluster is known to enforce. */
  readonly #proved = new Set<NetworkPreset>();
  /** A policy has been seen to hold only some time after it was made. */
  #isLate = false;

  /** Makes the policy of an environment. It comes after the Job, which owns it, and before any command: until then only our main process is there. */
  async restrict(cluster: ClusterNamespace, environment: RestrictedEnvironment, signal: AbortSignal): Promise<void> {
    const { spec, planned, job, preset } = environment;
    const { labels, annotations } = planned.metadata;
    const policy = toNetworkPolicy(spec, {
      namespace: cluster.namespace,
      preset,
      metadata: { labels, annotations },
      owner: { name: job.metadata.name, uid: job.metadata.uid },
      ...(preset === 'internet' ? { blockedAddresses: await findApiServerAddresses(cluster, signal) } : {}),
    });
    if (policy) await createNetworkPolicy(cluster, policy, signal);
  }

  /**
   * Proves from inside that the policy holds: once for each preset, since all environments of a namespace have the same network plugin; at every start once a policy came late,
   * as it will again for other pods.
   */
  async prove(shell: WaitingShell, options: ProveNetworkOptions): Promise<void> {
    if (this.#proved.has(options.preset) && !this.#isLate) return;
    if (!(await proveNetwork(shell, options))) this.#isLate = true;
    this.#proved.add(options.preset);
  }
}
