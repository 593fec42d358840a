import type { EngineOptions } from '@recac/engine-kit';
import type { ClusterAccess } from './cluster/cluster-access.ts';
import type { JobSettings } from './job/job-settings.ts';

/** Settings of a Kubernetes engine. None is needed. */
export interface KubernetesEngineOptions extends Omit<Partial<JobSettings>, 'namespace'>, EngineOptions {
  /** Path of the kubeconfig file. Default: as kubectl finds it, then the service account of the pod that this runs in. */
  readonly kubeconfig?: string;
  /** Context of the kubeconfig. Default: its current one. */
  readonly context?: string;
  /** Namespace of the Jobs. Default: that of the context, then `default`. */
  readonly namespace?: string;
  /**
   * Told each line that a credential plugin of the kubeconfig says on stderr before it has given the first credentials, such as where to log in; what it says when it renews them
   * is only in its error. Default: it goes to this process's stderr, as with kubectl.
   */
  readonly onPluginMessage?: (line: string) => void;
  /** The cluster itself, for callers that know it already; `kubeconfig` and `context` do not count then. */
  readonly access?: ClusterAccess;
}
