import type { ErrorCode, StartPhase } from '@recac/engine-core';
import { findTrue } from './job-object.ts';
import { findEvents } from './kubernetes-event.ts';
import { type ContainerState, findAgent } from './pod.ts';
import { readPullFailure } from './pull-failure.ts';
import { readRefusal } from './refusal.ts';
import type { Evidence, StartFailure } from './start-failure.ts';

/** A Secret or ConfigMap may lag behind the pod that needs it. */
const configGraceMs = 5_000;
/** A volume on its way from another node takes as long as that node needs to let it go. */
const mountGraceMs = 60_000;

/** Why an environment does not start, from what the cluster shows; undefined when nothing is wrong. The most telling cause wins: of the pod, of its node, of the Job. */
export function readFailure(evidence: Evidence): StartFailure | undefined {
  return (
    readGone(evidence) ??
    readContainer(evidence) ??
    readMount(evidence) ??
    readScheduling(evidence) ??
    readRefusal(evidence) ??
    readJob(evidence)
  );
}

function toFailure(
  phase: StartPhase,
  reason: string,
  message: string,
  options: {
    readonly code?: ErrorCode;
    readonly graceMs?: number;
    readonly waits?: boolean;
    readonly evidence?: readonly string[];
  } = {},
): StartFailure {
  const { code = 'RECAC_ENVIRONMENT_START_FAILED', graceMs, waits = false, evidence = [] } = options;
  return {
    phase,
    reason,
    message,
    code,
    isFinal: !waits && graceMs === undefined,
    ...(graceMs === undefined ? {} : { graceMs }),
    evidence,
  };
}

function readGone({ job, pod, podIsGone = false }: Evidence): StartFailure | undefined {
  if (job === undefined)
    return toFailure(
      'admit',
      'Deleted',
      'the Job was deleted by somebody else while the environment started. Start it again.',
    );
  const disruption = findTrue(pod?.status?.conditions, 'DisruptionTarget');
  if (disruption) {
    const words = disruption.message ?? '';
    return toFailure(
      'start',
      'Evicted',
      `the pod was taken off its node (${disruption.reason ?? 'DisruptionTarget'}): ${words} Start it again, or ask for less.`,
      { evidence: [words] },
    );
  }
  if (pod?.status?.reason === 'Evicted')
    return toFailure(
      'start',
      'Evicted',
      `the pod was evicted: ${pod.status.message ?? 'its node ran short'}. Raise its requests, or lower its limits.`,
      { evidence: [pod.status.message ?? ''] },
    );
  if (podIsGone || pod?.metadata.deletionTimestamp !== undefined)
    return toFailure(
      'start',
      'PodDeleted',
      'the pod was deleted by somebody else while the environment started. Start it again.',
    );
  return undefined;
}

function readContainer(evidence: Evidence): StartFailure | undefined {
  const agent = evidence.pod && findAgent(evidence.pod);
  const ended = agent?.state?.terminated ?? agent?.lastState?.terminated;
  const waiting = agent?.state?.waiting;
  if (ended) return readEnded(ended, evidence);
  if (waiting?.reason === undefined) return undefined;
  const { reason, message = '' } = waiting;
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'InvalidImageName':
    case 'ErrImageNeverPull':
    case 'ImageInspectError':
    case 'RegistryUnavailable':
      return readPullFailure(reason, message, evidence);
    case 'CreateContainerConfigError':
      return toFailure(
        'start',
        'ConfigurationMissing',
        `the container cannot be configured: ${message}. Create what is named, or correct its name.`,
        { graceMs: configGraceMs, evidence: [message] },
      );
    case 'CreateContainerError':
    case 'RunContainerError':
      return readCreation(reason, message);
    default:
      return undefined;
  }
}

function readCreation(reason: string, message: string): StartFailure {
  if (isNoShell(message))
    return toFailure(
      'start',
      'NoShell',
      'the image has no sh, which commands are run through. Use an image with a POSIX shell, such as one based on Debian or Alpine.',
      { evidence: [message] },
    );
  if (/exec format error/i.test(message))
    return toFailure(
      'start',
      'WrongPlatform',
      'the image is made for another platform than the node. Name one with --platform, or use an image for several.',
      { evidence: [message] },
    );
  return toFailure(
    'start',
    reason,
    `the container cannot be made: ${message}. Look at the node, or correct the image.`,
    { evidence: [message] },
  );
}

function readEnded(ended: NonNullable<ContainerState['terminated']>, { logTail, pod }: Evidence): StartFailure {
  const { reason = 'Error', message = '', exitCode } = ended;
  const said = logTail === undefined ? '' : ` It said: ${logTail}.`;
  const evidence = [message, logTail ?? ''].filter((text) => text !== '');
  if (reason === 'OOMKilled')
    return toFailure('start', 'OOMKilled', 'the main process met the memory limit. Raise the limit (--memory).', {
      evidence,
    });
  if (isNoShell(message) || isNoShell(logTail ?? ''))
    return readCreation(reason, message === '' ? (logTail ?? '') : message);
  if (/exec format error/i.test(message + (logTail ?? ''))) return readCreation(reason, 'exec format error');
  if (pod?.status?.reason === 'DeadlineExceeded')
    return toFailure('start', 'DeadlineExceeded', 'the environment met its longest life while it started. Raise it.', {
      evidence,
    });
  return toFailure(
    'start',
    reason === 'Completed' ? 'Exited' : reason,
    `the main process ended with ${exitCode}${message === '' ? '' : `: ${message}`}.${said} The image needs a POSIX sh with mkdir and sleep, and a /tmp that can be written.`,
    { evidence },
  );
}

function isNoShell(message: string): boolean {
  return /"?sh"?: executable file not found|exec: "sh"|stat sh: no such file/i.test(message);
}

function readMount({ podEvents }: Evidence): StartFailure | undefined {
  const [event] = findEvents(podEvents, 'FailedMount', 'FailedAttachVolume', 'FailedMapVolume');
  const message = event?.message;
  if (message === undefined) return undefined;
  if (/multi-attach/i.test(message))
    return toFailure(
      'start',
      'VolumeInUse',
      `the volume is attached to another node: ${message}. Stop what uses it there, or use a claim that several nodes may mount.`,
      { waits: true, evidence: [message] },
    );
  return toFailure('start', 'MountFailed', `a volume cannot be mounted: ${message}. Correct the volume or its claim.`, {
    graceMs: mountGraceMs,
    evidence: [message],
  });
}

function readScheduling({ pod }: Evidence): StartFailure | undefined {
  const condition = pod?.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (condition === undefined) return undefined;
  const { message = '', reason = 'Unschedulable' } = condition;
  if (/persistentvolumeclaim ".*" not found/i.test(message))
    return toFailure(
      'schedule',
      'ClaimNotFound',
      `the PersistentVolumeClaim does not exist: ${message}. Create it, or correct pvc_name.`,
      { code: 'RECAC_WORKSPACE_UNAVAILABLE', evidence: [message] },
    );
  return toFailure('schedule', reason, `no node takes the pod: ${message}. Ask for less, or add or free nodes.`, {
    waits: true,
    evidence: [message],
  });
}

function readJob({ job }: Evidence): StartFailure | undefined {
  const failed = findTrue(job?.status?.conditions, 'Failed') ?? findTrue(job?.status?.conditions, 'FailureTarget');
  if (failed === undefined) return undefined;
  const { reason = 'Failed', message = '' } = failed;
  return toFailure(
    'start',
    reason,
    `the Job failed: ${reason}${message === '' ? '' : `: ${message}`}. Start it again.`,
    { evidence: [message] },
  );
}
