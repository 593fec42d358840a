import {
  type EnvironmentSpec,
  invalidArgument,
  reservedLabelPrefix,
  toEnvironmentName,
  validateLabels,
  validateNamespace,
} from '@recac/engine-core';
import { defaultPendingTimeoutMs } from '@recac/engine-kit';
import { toJobMetadata } from './job-labels.ts';
import type { NewJob } from './job-object.ts';
import type { JobFacts, JobSettings } from './job-settings.ts';
import { mergePodTemplate } from './merge-pod-template.ts';
import { toPodTemplate } from './pod-plan.ts';
import { isRoot, type PodUser, toPodUser } from './pod-user.ts';

/** A Job, and what the caller should know about it. */
export interface JobPlan {
  /** The body of the call that creates it. */
  readonly job: NewJob;
  /** Sentences on what is less safe than it could be. */
  readonly warnings: readonly string[];
}

const defaultKeepEndedSeconds = 300;

/** A client that lives ends its start itself: this much later nobody does. */
const startMarginSeconds = 60;

/** With `OnFailure` Kubernetes counts restarts against the limit, and 0 would never allow one. */
const backoffLimits = { Never: 0, OnFailure: 6 } as const;

/** The Job of an environment. Errors: `RECAC_INVALID_ARGUMENT`, naming the field of the specification or `kubernetes.…` of the configuration. */
export function toJob(spec: EnvironmentSpec, settings: JobSettings, facts: JobFacts): JobPlan {
  validateNamespace(settings.namespace, 'kubernetes.namespace');
  validateLabels(settings.labels ?? {}, 'kubernetes.labels');
  checkAnnotations(settings.annotations ?? {});
  const user = spec.user === undefined && facts.workspaceOwner ? facts.workspaceOwner : toPodUser(spec.user);
  const metadata = toJobMetadata(spec, settings, { ...facts, user });
  const template = toPodTemplate(spec, settings, { metadata, user, node: facts.workspaceNode });
  const merged = mergePodTemplate(template, settings.podTemplate, {
    allowServiceAccountToken: settings.allowServiceAccountToken === true,
  });
  const job: NewJob = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: toEnvironmentName(spec.sessionId), namespace: settings.namespace, ...metadata },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: backoffLimits[settings.restartPolicy ?? 'Never'],
      podReplacementPolicy: 'Failed',
      ttlSecondsAfterFinished: settings.keepEndedSeconds ?? defaultKeepEndedSeconds,
      activeDeadlineSeconds: toStartDeadline(spec, settings),
      template: merged.template,
    },
  };
  return { job, warnings: [...findWarnings(spec, settings, user), ...merged.warnings] };
}

/** The longest life that the configuration gives, in seconds; undefined: none. */
export function toLifetimeSeconds({ lifetimeMs }: Pick<JobSettings, 'lifetimeMs'>): number | undefined {
  return lifetimeMs === undefined ? undefined : Math.ceil(lifetimeMs / 1_000);
}

/**
 * Until the first shell has answered, the longest life is that of the start: a client that dies meanwhile leaves nothing behind, also where the pod never runs. Kubernetes counts
 * from when the Job began, so no clock of ours is involved; while somebody has it suspended, as a queue does, nothing counts, and the Job of a client that died stays until it is let go.
 */
function toStartDeadline(
  { pendingTimeoutMs = defaultPendingTimeoutMs }: EnvironmentSpec,
  settings: JobSettings,
): number {
  const start = Math.ceil(pendingTimeoutMs / 1_000) + startMarginSeconds;
  return Math.min(start, toLifetimeSeconds(settings) ?? start);
}

function checkAnnotations(annotations: Readonly<Record<string, string>>): void {
  for (const key of Object.keys(annotations)) {
    if (!key.startsWith(reservedLabelPrefix)) continue;
    throw invalidArgument(
      `kubernetes.annotations.${key}`,
      `must not use the reserved prefix ${reservedLabelPrefix}`,
      'Use a key of your own, such as example.com/team.',
    );
  }
}

function findWarnings(spec: EnvironmentSpec, settings: JobSettings, user: PodUser): string[] {
  const warnings: string[] = [];
  const { workspace } = spec;
  if (isRoot(user)) {
    const why =
      spec.user === undefined
        ? `because the workspace ${workspace?.type === 'bind' ? workspace.hostPath : ''} belongs to root; give it to another user, or name one`
        : 'as asked';
    warnings.push(
      `commands run as root inside the environment, ${why}; a namespace with the Pod Security profile "restricted" refuses it`,
    );
  }
  if (settings.hardening === 'runtime-default')
    warnings.push(
      "hardening is runtime-default: capabilities, new privileges and a writable root are left as the cluster's runtime has them",
    );
  if (settings.restartPolicy === 'OnFailure')
    warnings.push(
      'restart_policy is OnFailure: Kubernetes may start the container again, without its processes; recac notices, and takes the environment for lost',
    );
  if (workspace?.type === 'bind')
    warnings.push(
      'the workspace is a directory of the node (hostPath): Pod Security profiles "baseline" and "restricted" refuse it',
    );
  if ((spec.network ?? settings.network) === 'open')
    warnings.push(
      'the network is open: commands reach the API server, services of the cluster and the metadata service of a cloud',
    );
  return warnings;
}
