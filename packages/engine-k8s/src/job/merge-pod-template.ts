import { invalidArgument, reservedLabelPrefix } from '@recac/engine-core';
import { homeDirectory, runDirectory } from './keep-alive-script.ts';
import { agentContainerName } from './pod.ts';
import type { PodTemplate } from './pod-template.ts';
import { ownVolumePrefix, workspacePath } from './pod-volumes.ts';
import { isFields, strategicMerge } from './strategic-merge.ts';

/** What a pod template of the user's may do. */
export interface MergeOptions {
  /** It may mount the token of the ServiceAccount. Default: false. */
  readonly allowServiceAccountToken?: boolean;
}

/** A merged template, and what the caller should know about it. */
export interface MergedPodTemplate {
  /** Ours with the user's merged in. */
  readonly template: PodTemplate;
  /** Sentences on what is less safe than it could be. */
  readonly warnings: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

const root = 'kubernetes.pod_template';
const tokenStep = 'Remove it: only a program that makes the engine itself can allow it (allowServiceAccountToken).';
const nextStep = 'Remove it from the pod template.';

const protectedOfPod = [
  'restartPolicy',
  'activeDeadlineSeconds',
  'shareProcessNamespace',
  'hostNetwork',
  'hostPID',
  'hostIPC',
];
const protectedOfPodSecurity = ['runAsUser', 'runAsGroup', 'runAsNonRoot', 'fsGroup', 'seccompProfile'];
const protectedOfAgent = [
  'command',
  'args',
  'image',
  'imagePullPolicy',
  'workingDir',
  'stdin',
  'stdinOnce',
  'tty',
  'restartPolicy',
  'restartPolicyRules',
  'terminationMessagePath',
  'terminationMessagePolicy',
];
const protectedOfAgentSecurity = [
  'runAsUser',
  'runAsGroup',
  'runAsNonRoot',
  'allowPrivilegeEscalation',
  'readOnlyRootFilesystem',
  'capabilities',
  'seccompProfile',
  'procMount',
];
const ownMountPaths = [workspacePath, '/tmp', '/run', runDirectory, homeDirectory];
const reservedMetadata = /^(recac\.dev\/|batch\.kubernetes\.io\/|(job-name|controller-uid)$)/;

/**
 * Merges a user's pod template (`metadata.labels`, `metadata.annotations`, `spec`) into ours, see {@link strategicMerge}. Sidecars, init containers, volumes,
 * resources and placement are free; what recac relies on, and what takes the isolation away, is refused. Variables that recac or the caller sets win over the
 * template's. Errors: `RECAC_INVALID_ARGUMENT`, field such as `kubernetes.pod_template.spec.containers[agent].command`.
 */
export function mergePodTemplate(base: PodTemplate, patch: unknown, options: MergeOptions = {}): MergedPodTemplate {
  if (patch === undefined) return { template: base, warnings: [] };
  const { metadata = {}, spec = {}, ...rest } = toFields(patch, root);
  refuse(rest, Object.keys(rest), root, 'Write only metadata and spec.');
  checkMetadata(toFields(metadata, `${root}.metadata`));
  const pod = toFields(spec, `${root}.spec`);
  checkPod(pod, options);
  const merged = strategicMerge(base, withoutKnownVariables(base, patch), root) as PodTemplate;
  return { template: merged, warnings: findWarnings(pod) };
}

function checkMetadata({ labels = {}, annotations = {}, ...rest }: Fields): void {
  refuse(rest, Object.keys(rest), `${root}.metadata`, 'Write only labels and annotations.');
  for (const [field, values] of Object.entries({ labels, annotations })) {
    const path = `${root}.metadata.${field}`;
    const reserved = Object.keys(toFields(values, path)).filter((key) => reservedMetadata.test(key));
    refuse(
      toFields(values, path),
      reserved,
      path,
      `The prefix ${reservedLabelPrefix} and the keys of Jobs are reserved.`,
    );
  }
}

function checkPod(pod: Fields, { allowServiceAccountToken = false }: MergeOptions): void {
  const path = `${root}.spec`;
  refuse(pod, protectedOfPod, path);
  if (pod.securityContext !== undefined)
    refuse(toFields(pod.securityContext, `${path}.securityContext`), protectedOfPodSecurity, `${path}.securityContext`);
  if (!allowServiceAccountToken && pod.automountServiceAccountToken === true)
    throw invalidArgument(
      `${path}.automountServiceAccountToken`,
      'would give the token of the ServiceAccount to the environment',
      tokenStep,
    );
  for (const volume of toItems(pod.volumes, `${path}.volumes`))
    checkVolume(volume, `${path}.volumes`, allowServiceAccountToken);
  for (const list of ['containers', 'initContainers', 'ephemeralContainers'])
    for (const container of toItems(pod[list], `${path}.${list}`)) checkContainer(container, list);
}

function checkVolume(volume: Fields, path: string, allowServiceAccountToken: boolean): void {
  const at = `${path}[${String(volume.name)}]`;
  if (String(volume.name).startsWith(ownVolumePrefix))
    throw invalidArgument(at, `must not use the reserved prefix ${ownVolumePrefix}`, 'Give the volume another name.');
  const sources = isFields(volume.projected) ? toItems(volume.projected.sources, `${at}.projected.sources`) : [];
  if (!allowServiceAccountToken && sources.some((source) => source.serviceAccountToken !== undefined))
    throw invalidArgument(`${at}.projected`, 'would give a token of the ServiceAccount to the environment', tokenStep);
}

function checkContainer(container: Fields, list: string): void {
  const path = `${root}.spec.${list}[${String(container.name)}]`;
  if (list === 'ephemeralContainers') throw invalidArgument(path, 'cannot be part of a pod template', nextStep);
  const security = toFields(container.securityContext ?? {}, `${path}.securityContext`);
  if (security.privileged === true)
    throw invalidArgument(`${path}.securityContext.privileged`, 'must not be set: it gives the node away', nextStep);
  if (container.name !== agentContainerName) return;
  if (list === 'initContainers') throw invalidArgument(path, 'has the name of our container', 'Give it another name.');
  refuse(container, protectedOfAgent, path);
  refuse(security, protectedOfAgentSecurity, `${path}.securityContext`);
  for (const { mountPath, name } of toItems(container.volumeMounts, `${path}.volumeMounts`)) {
    const directory = String(mountPath).replace(/(?<=.)\/+$/, '');
    if (
      ownMountPaths.includes(directory) ||
      directory.startsWith('/tmp/.recac') ||
      String(name).startsWith(ownVolumePrefix)
    )
      throw invalidArgument(
        `${path}.volumeMounts[${String(mountPath)}]`,
        'is a directory of ours',
        'Mount it elsewhere.',
      );
  }
}

function withoutKnownVariables(base: PodTemplate, patch: unknown): unknown {
  const known = new Set(base.spec.containers[0]?.env?.map(({ name }) => name));
  if (!isFields(patch) || !isFields(patch.spec) || !Array.isArray(patch.spec.containers)) return patch;
  const containers = patch.spec.containers.map((container: unknown) => {
    if (!isFields(container) || container.name !== agentContainerName || !Array.isArray(container.env))
      return container;
    return {
      ...container,
      env: container.env.filter((item: unknown) => !isFields(item) || !known.has(String(item.name))),
    };
  });
  return { ...patch, spec: { ...patch.spec, containers } };
}

function findWarnings(pod: Fields): string[] {
  const hostPaths = toItems(pod.volumes, root).filter(({ hostPath }) => hostPath !== undefined);
  const warnings = hostPaths.map(
    ({ name }) => `the pod template mounts a directory of the node (volume ${String(name)})`,
  );
  for (const { name } of toItems(pod.containers, root)) {
    if (name === agentContainerName) continue;
    warnings.push(
      `the container ${String(name)} of the pod template keeps the pod when the environment has ended, as after its lease: as an init container with restartPolicy Always it would go with it`,
    );
  }
  if (pod.automountServiceAccountToken === true)
    warnings.push('the token of the ServiceAccount is mounted in the environment');
  return warnings;
}

function refuse(fields: Fields, names: readonly string[], path: string, step = nextStep): void {
  const found = names.find((name) => name in fields);
  if (found !== undefined) throw invalidArgument(`${path}.${found}`, 'is not for a pod template to set', step);
}

function toFields(value: unknown, path: string): Fields {
  if (!isFields(value)) throw invalidArgument(path, 'must be an object', 'Write fields and values.');
  return value;
}

function toItems(value: unknown, path: string): readonly Fields[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw invalidArgument(path, 'must be a list', 'Write a list of objects.');
  return value.map((item: unknown) => toFields(item, path));
}
