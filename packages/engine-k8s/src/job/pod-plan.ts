import { type EnvironmentSpec, invalidArgument, type PullPolicy, validatePlatform } from '@recac/engine-core';
import { escapeExpansion } from './escape-expansion.ts';
import type { JobMetadata } from './job-labels.ts';
import type { JobSettings } from './job-settings.ts';
import { homeDirectory, keepAliveScript, runDirectory } from './keep-alive-script.ts';
import { agentContainerName } from './pod.ts';
import { toPodResources } from './pod-resources.ts';
import type {
  ContainerTemplate,
  ContainerVariable,
  OpaqueFields,
  PodTemplate,
  PodTemplateSpec,
} from './pod-template.ts';
import { isRoot, type PodUser } from './pod-user.ts';
import { type SeedPlan, toPodVolumes, workspacePath } from './pod-volumes.ts';

const pullPolicies: Readonly<Record<PullPolicy, string>> = {
  'if-missing': 'IfNotPresent',
  always: 'Always',
  never: 'Never',
};

/** A managed cluster may have nodes of Windows without a taint. Every kubelet gives its node this label. */
const linuxNodes = { 'kubernetes.io/os': 'linux' } as const;

/** Seconds between SIGTERM and SIGKILL when the pod is deleted. The main process ends at once. */
const stopGraceSeconds = 5;

/** What is decided about a pod before it is described. */
export interface PodFacts {
  /** Its labels and annotations. */
  readonly metadata: JobMetadata;
  /** Who its processes are. */
  readonly user: PodUser;
  /** The only node that will do. Undefined: any. */
  readonly node?: string | undefined;
}

/**
 * The pod of an environment, before a `pod_template` of the user's is merged in: the profile "restricted" of the Pod Security Standards and more
 * (docs/security.md). Errors: `RECAC_INVALID_ARGUMENT`.
 */
export function toPodTemplate(
  spec: EnvironmentSpec,
  settings: JobSettings,
  { metadata, user, node }: PodFacts,
): PodTemplate {
  const { volumes, volumeMounts, seed } = toPodVolumes(spec.workspace);
  const agent = { ...toAgentContainer(spec, settings, user), volumeMounts };
  return {
    metadata,
    spec: {
      restartPolicy: settings.restartPolicy ?? 'Never',
      terminationGracePeriodSeconds: stopGraceSeconds,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...toPlacement(spec, settings),
      ...toNodeAffinity(node),
      securityContext: toPodSecurity(user),
      ...(seed === undefined ? {} : { initContainers: [toSeedContainer(agent, seed)] }),
      containers: [agent],
      volumes,
    },
  };
}

function toAgentContainer(spec: EnvironmentSpec, settings: JobSettings, user: PodUser): ContainerTemplate {
  if (!spec.image) throw invalidArgument('image', 'is required', 'Name the image to start.');
  const lease = spec.leaseMs === undefined ? '0' : String(Math.ceil(spec.leaseMs / 1_000));
  const isReadOnly = spec.workspace?.type === 'bind' && spec.workspace.readOnly === true;
  const command = ['sh', '-c', keepAliveScript, 'recac', runDirectory, lease, isReadOnly ? '' : workspacePath];
  return {
    name: agentContainerName,
    image: spec.image,
    imagePullPolicy: pullPolicies[spec.pullPolicy ?? 'if-missing'],
    command: command.map(escapeExpansion),
    workingDir: workspacePath,
    env: toVariables(spec, user),
    resources: { ...toPodResources(spec.resources, settings) },
    securityContext: toContainerSecurity(user, settings),
    stdin: false,
    tty: false,
    terminationMessagePath: '/dev/termination-log',
    // The last lines it printed come with the status, so that they are there when the pod is not.
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
}

/** As the agent's in all but what it runs and sees. */
function toSeedContainer(agent: ContainerTemplate, { command, volumeMounts }: SeedPlan): ContainerTemplate {
  return { ...agent, name: 'recac-seed', command: command.map(escapeExpansion), volumeMounts };
}

function toPlacement(spec: EnvironmentSpec, settings: JobSettings): Partial<PodTemplateSpec> {
  const nodeSelector = { ...linuxNodes, ...settings.nodeSelector, ...toPlatformLabels(spec.platform) };
  const { serviceAccount, runtimeClass, priorityClass, tolerations = [], imagePullSecrets = [] } = settings;
  return {
    ...(serviceAccount === undefined ? {} : { serviceAccountName: serviceAccount }),
    ...(runtimeClass === undefined ? {} : { runtimeClassName: runtimeClass }),
    ...(priorityClass === undefined ? {} : { priorityClassName: priorityClass }),
    nodeSelector,
    ...(tolerations.length === 0 ? {} : { tolerations }),
    ...(imagePullSecrets.length === 0 ? {} : { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
    ...(settings.userNamespace ? { hostUsers: false } : {}),
  };
}

/** By the node's name itself: its label `kubernetes.io/hostname` may be another. */
function toNodeAffinity(node: string | undefined): Partial<PodTemplateSpec> {
  if (node === undefined) return {};
  const nodeSelectorTerms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }];
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } };
}

/** A variant, such as the v7 of linux/arm/v7, is left out: nodes have no label for it. */
function toPlatformLabels(platform: string | undefined): Record<string, string> {
  if (platform === undefined) return {};
  validatePlatform(platform);
  const [os = '', architecture = ''] = platform.split('/');
  return { 'kubernetes.io/os': os, 'kubernetes.io/arch': architecture };
}

function toPodSecurity(user: PodUser): OpaqueFields {
  return {
    runAsNonRoot: !isRoot(user),
    runAsUser: user.uid,
    runAsGroup: user.gid,
    fsGroup: user.gid,
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/** Root keeps what it needs to become another user and to end that user's processes: nothing else in a pod could. */
function toContainerSecurity(user: PodUser, { hardening = 'full' }: JobSettings): OpaqueFields {
  if (hardening === 'runtime-default') return {};
  return {
    allowPrivilegeEscalation: false,
    privileged: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], ...(isRoot(user) ? { add: ['KILL', 'SETGID', 'SETUID'] } : {}) },
  };
}

function toVariables(spec: EnvironmentSpec, user: PodUser): ContainerVariable[] {
  const name = isRoot(user) ? 'root' : String(user.uid);
  const variables = { HOME: homeDirectory, USER: name, LOGNAME: name, ...spec.environmentVariables };
  return Object.entries(variables).map(([key, value]) => ({ name: key, value: escapeExpansion(value) }));
}
