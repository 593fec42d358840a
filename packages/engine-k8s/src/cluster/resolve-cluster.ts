import process from 'node:process';
import { RecacError } from '@recac/engine-core';
import type { ClusterAccess } from './cluster-access.ts';
import { findProxy } from './find-proxy.ts';
import { toHttpUrl } from './http-url.ts';
import type { Kubeconfig } from './kubeconfig.ts';
import { KubeconfigAccess } from './kubeconfig-access.ts';
import { findPodAccess } from './pod-access.ts';
import { type KubeconfigSources, readKubeconfig } from './read-kubeconfig.ts';

/** Which cluster is meant. */
export interface ResolveOptions {
  /** Path of the kubeconfig file. Default: the files of `KUBECONFIG`, then `~/.kube/config`, then the pod's service account. */
  readonly kubeconfig?: string;
  /** Context. Default: the current one. */
  readonly context?: string;
  /** Variables. Default: the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Told each line that a credential plugin says on stderr before it has given the first credentials. Default: nobody is told. */
  readonly onPluginMessage?: (line: string) => void;
}

/** The cluster that kubectl would use. Errors: `RECAC_CONFIG_INVALID`, `RECAC_ENGINE_UNAVAILABLE` when nothing names a cluster. */
export async function resolveCluster(options: ResolveOptions = {}): Promise<ClusterAccess> {
  const { environment = process.env } = options;
  const sources = { environment, ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }) };
  const kubeconfig = await readKubeconfig(sources);
  if (kubeconfig && (kubeconfig.contexts.size > 0 || options.context !== undefined))
    return openContext(kubeconfig, options, sources);
  const pod = await findPodAccess(environment);
  if (pod) return pod;
  throw new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    'no cluster is named: there is no kubeconfig (KUBECONFIG, ~/.kube/config), and this is no pod. Name one with --kubeconfig, or log in to a cluster.',
    { details: { reason: 'NoKubeconfig' } },
  );
}

function openContext(
  { contexts, clusters, users, currentContext }: Kubeconfig,
  { context: asked, onPluginMessage }: ResolveOptions,
  sources: KubeconfigSources,
): ClusterAccess {
  const name = asked ?? currentContext;
  if (name === undefined) throw invalid('no context is current', 'Name one with --context', [...contexts.keys()]);
  const context = contexts.get(name);
  if (!context) throw invalid(`there is no context ${name}`, 'Name one of these with --context', [...contexts.keys()]);
  const cluster = clusters.get(context.cluster);
  if (!cluster)
    throw invalid(`context ${name} names the cluster ${context.cluster}, which is not there`, 'Correct it', [
      ...clusters.keys(),
    ]);
  const user = context.user === undefined ? {} : users.get(context.user);
  if (!user)
    throw invalid(`context ${name} names the user ${context.user}, which is not there`, 'Correct it', [
      ...users.keys(),
    ]);
  const provider = user['auth-provider']?.name;
  if (provider !== undefined && user.exec === undefined)
    throw invalid(
      `the user of context ${name} uses auth-provider ${provider}, which Kubernetes has removed`,
      'Log in again with a current tool, which writes a credential plugin (exec)',
      [],
    );
  const server = toHttpUrl(cluster.server, { field: 'server', context: name });
  const proxy = cluster['proxy-url'] === undefined ? findProxy(server, sources.environment) : undefined;
  return new KubeconfigAccess({
    name,
    cluster,
    user,
    rereadUser: async () => {
      const now = await readKubeconfig(sources).catch(() => undefined);
      const userName = now?.contexts.get(name)?.user;
      return userName === undefined ? undefined : now?.users.get(userName);
    },
    ...(context.namespace === undefined ? {} : { namespace: context.namespace }),
    ...(proxy ? { proxy } : {}),
    ...(onPluginMessage && { onPluginMessage }),
  });
}

function invalid(problem: string, nextStep: string, known: readonly string[]): RecacError {
  const list = known.length > 0 ? `: ${known.join(', ')}` : '';
  return new RecacError('RECAC_CONFIG_INVALID', `the kubeconfig cannot be used: ${problem}. ${nextStep}${list}.`, {
    details: { problem, known },
  });
}
