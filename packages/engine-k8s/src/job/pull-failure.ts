import { toServerWords } from '../api/server-words.ts';
import { type FailureRule, matchRule } from './failure-rule.ts';
import { findEvents, type KubernetesEvent, toEventTime } from './kubernetes-event.ts';
import type { ContainerStatus } from './pod.ts';
import type { Evidence, StartFailure } from './start-failure.ts';

const failed = 'RECAC_IMAGE_PULL_FAILED';
const missing = 'RECAC_IMAGE_NOT_FOUND';

/** A registry that fails may come back: two or three rounds of the kubelet. */
const passingGraceMs = 45_000;

const reasons = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'RegistryUnavailable',
  'ImageInspectError',
  'SignatureValidationFailed',
]);

/** Words of registries and runtimes (containerd, CRI-O); the more certain first. */
const rules: readonly FailureRule[] = [
  {
    pattern: /no match for platform|no matching manifest|image platform|does not match the specified platform/,
    reason: 'WrongPlatform',
    code: missing,
    isFinal: true,
    say: () =>
      'the image does not exist for the platform of the node. Use an image for it, or ask for nodes of another platform.',
  },
  {
    pattern: /toomanyrequests|429 Too Many/i,
    reason: 'RegistryLimit',
    code: failed,
    graceMs: passingGraceMs,
    say: () => 'the registry allows no more pulls for now. Log in to it with kubernetes.image_pull_secrets, or wait.',
  },
  {
    pattern:
      /401 Unauthorized|403 Forbidden|access denied|authorization failed|authentication required|is denied|no basic auth/i,
    reason: 'ImagePullUnauthorized',
    code: failed,
    isFinal: true,
    say: (_, text) =>
      `the registry refuses the image: it is private or does not exist (${text}). Correct its name, or name a Secret with credentials in image_pull_secrets.`,
  },
  {
    pattern: /manifest unknown|name unknown|repository .*not found|: not found|404 Not Found|no such image/i,
    reason: 'ImageNotFound',
    code: missing,
    isFinal: true,
    say: (_, text) =>
      `the image does not exist where it was looked for (${text}). Correct its name or tag, or push it.`,
  },
  {
    pattern: /no space left on device/,
    reason: 'NoSpace',
    code: failed,
    graceMs: passingGraceMs,
    say: () => 'the disk of the node is full, so the image could not be pulled. Free space on it.',
  },
  {
    pattern:
      /no such host|connection refused|i\/o timeout|deadline exceeded|no route to host|network is unreachable|x509|tls:|server gave HTTP response|connection reset|\bEOF\b|50[0-4] /i,
    reason: 'RegistryUnreachable',
    code: failed,
    graceMs: passingGraceMs,
    say: (_, text) =>
      `the node cannot reach the registry (${text}). Check its name, and the network, DNS and certificates of the node.`,
  },
];

/**
 * Why the image of a container is not there; undefined when it is, or it is not known. What may pass counts until the node tries again, which takes as long as the image is large:
 * the container's state stays that of the try before.
 */
export function readPullFailure(evidence: Evidence, container: ContainerStatus): StartFailure | undefined {
  const { reason = '', message = '' } = container.state?.waiting ?? {};
  if (reason === 'InvalidImageName')
    return toFailure(
      'InvalidImageName',
      `the image reference is not valid (${message}). Correct it.`,
      'RECAC_INVALID_ARGUMENT',
      message,
    );
  if (reason === 'ErrImageNeverPull')
    return toFailure(
      'ImageNeverPull',
      'the image is not on the node, and the pull policy is never. Load it onto the nodes, or allow pulling.',
      missing,
      message,
    );
  if (!reasons.has(reason)) return undefined;
  const [secretEvent] = findEvents(evidence.podEvents, 'FailedToRetrieveImagePullSecret');
  const secret = secretEvent?.message === undefined ? undefined : toServerWords(secretEvent.message);
  const events = evidence.podEvents.filter((event) => isOf(event, container));
  const failures = findEvents(events, 'Failed').map((event) => event.message ?? '');
  const found =
    [message, ...failures.filter((text) => /pull/i.test(text))]
      .map((words) => matchRule(rules, 'pull', words))
      .find((failure) => failure !== undefined) ??
    ({
      ...toFailure(
        'ImagePullFailed',
        `the image could not be pulled (${message || reason}). The kubelet tries again.`,
        failed,
        message,
      ),
      isFinal: false,
      graceMs: passingGraceMs,
    } satisfies StartFailure);
  if (!found.isFinal && isPullingAgain(events)) return undefined;
  if (secret === undefined) return found;
  return { ...found, message: `${found.message} ${secret}`, evidence: [...found.evidence, secret] };
}

function isOf({ involvedObject }: KubernetesEvent, { name }: ContainerStatus): boolean {
  return involvedObject?.fieldPath?.endsWith(`{${name}}`) ?? true;
}

/** The kubelet's events are of whole seconds, and a registry may refuse within one; between a failure and the next try are ten or more. */
function isPullingAgain(events: readonly KubernetesEvent[]): boolean {
  const [failure] = findEvents(events, 'Failed').filter((event) => event.message?.includes('Failed to pull image'));
  const [pull] = findEvents(events, 'Pulling', 'Pulled');
  return failure !== undefined && pull !== undefined && toEventTime(pull) > toEventTime(failure);
}

function toFailure(reason: string, message: string, code: StartFailure['code'], words: string): StartFailure {
  return { phase: 'pull', reason, message, code, isFinal: true, evidence: words === '' ? [] : [words] };
}
