import { parseDuration } from '../duration.ts';
import type { ResourceAmounts, ResourceRequirements } from '../environment.ts';
import { parseQuantity, toBytes } from '../quantity.ts';
import type { Config, DockerConfig, SessionConfig, WorkspaceConfig } from './config.ts';
import type { WrittenConfig } from './config-schema.ts';

/** The checked configuration as code sees it: camelCase, durations in milliseconds, absent instead of undefined. */
export function normalizeConfig(written: WrittenConfig): Config {
  const { runner, kubernetes, docker, local, workspace, session } = written;
  return {
    runner: withoutUndefined({ backend: runner.backend }),
    kubernetes: withoutUndefined({
      kubeconfig: kubernetes.kubeconfig,
      context: kubernetes.context,
      namespace: kubernetes.namespace,
      pvcName: kubernetes.pvc_name,
      pvcSize: kubernetes.pvc_size === undefined ? undefined : String(kubernetes.pvc_size),
      pvcStorageClass: kubernetes.pvc_storage_class,
      gitSecret: kubernetes.git_secret,
      resources: normalizeResources(kubernetes.resources),
      serviceAccount: kubernetes.service_account,
      runtimeClass: kubernetes.runtime_class,
      nodeSelector: kubernetes.node_selector,
      tolerations: kubernetes.tolerations?.map(withoutUndefined),
      priorityClass: kubernetes.priority_class,
      imagePullSecrets: kubernetes.image_pull_secrets,
      restartPolicy: kubernetes.restart_policy,
      labels: kubernetes.labels,
      annotations: kubernetes.annotations,
      podTemplate: kubernetes.pod_template,
    }),
    docker: normalizeDocker(docker),
    local: withoutUndefined({ isolation: local.isolation, stateDirectory: local.state_directory }),
    workspace: normalizeWorkspace(workspace),
    session: normalizeSession(session),
  };
}

function normalizeDocker({ host, context, hardening, ...network }: WrittenConfig['docker']): DockerConfig {
  const given = withoutUndefined({ dnsServers: network.dns_servers, hostAddresses: network.host_addresses });
  return withoutUndefined({
    host,
    context,
    hardening,
    network: Object.keys(given).length === 0 ? undefined : given,
  });
}

function normalizeWorkspace(workspace: WrittenConfig['workspace']): WorkspaceConfig {
  const { strategy, path, include, exclude, history, remote, branch, upload_limit: limit } = workspace;
  const uploadLimitBytes =
    limit === undefined ? undefined : toBytes(parseQuantity(String(limit), 'workspace.upload_limit'));
  return withoutUndefined({ strategy, path, include, exclude, history, remote, branch, uploadLimitBytes });
}

function normalizeSession(session: WrittenConfig['session']): SessionConfig {
  return withoutUndefined({
    image: session.image,
    pull: session.pull,
    platform: session.platform,
    timeoutMs: toLimit(session.timeout),
    idleTimeoutMs: toLimit(session.idle_timeout),
    pendingTimeoutMs: parseDuration(session.pending_timeout),
    leaseMs: toLimit(session.lease),
    checkpointMs: session.checkpoint === undefined ? undefined : (toLimit(session.checkpoint) ?? 0),
    killGraceMs: parseDuration(session.kill_grace),
    user: session.user,
    env: session.env,
    network: session.network,
    resources: toGiven(normalizeResources(session.resources)),
  });
}

function normalizeResources({
  requests,
  limits,
}: WrittenConfig['session']['resources']): Required<ResourceRequirements> {
  return { requests: normalizeAmounts(requests), limits: normalizeAmounts(limits) };
}

/** Nothing when no amount is written, else only the parts that are. */
function toGiven(resources: Required<ResourceRequirements>): ResourceRequirements | undefined {
  const given = Object.entries(resources).filter(([, amounts]) => Object.keys(amounts).length > 0);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

function toLimit(written: string): number | undefined {
  return written === 'none' ? undefined : parseDuration(written);
}

function normalizeAmounts(amounts: {
  readonly cpu?: string | number | undefined;
  readonly memory?: string | number | undefined;
}): ResourceAmounts {
  const toText = (written: string | number | undefined): string | undefined =>
    written === undefined ? undefined : String(written);
  return withoutUndefined({ cpu: toText(amounts.cpu), memory: toText(amounts.memory) });
}

type WithoutUndefined<Fields> = {
  [Key in keyof Fields as undefined extends Fields[Key] ? never : Key]: Fields[Key];
} & {
  [Key in keyof Fields as undefined extends Fields[Key] ? Key : never]?: Exclude<Fields[Key], undefined>;
};

function withoutUndefined<Fields extends object>(fields: Fields): WithoutUndefined<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as WithoutUndefined<Fields>;
}
