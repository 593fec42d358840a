import { type FailureRule, matchRule } from './failure-rule.ts';
import { keepAliveEnds } from './keep-alive-script.ts';
import { missingShell } from './missing-shell.ts';
import type { ContainerStatus } from './pod.ts';
import type { Evidence, StartFailure } from './start-failure.ts';

const code = 'RECAC_ENVIRONMENT_START_FAILED';

/** A Secret or ConfigMap may be made just after the pod. */
const configGraceMs = 3_000;

/** A runtime or an API server that is slow: the kubelet asks them again every ten seconds or so. */
const slowGraceMs = 30_000;

/** What waits for others and may pass; said by the kubelet, never by what a container prints. */
const slow: FailureRule = {
  pattern: /deadline exceeded|is reserved|failed to sync (?:secret|configmap) cache/,
  reason: 'NodeSlow',
  code,
  graceMs: slowGraceMs,
  say: (_, text) =>
    `the node has not made the container in time (${text}). Look at its kubelet, and at its container runtime.`,
};

const rules: readonly FailureRule[] = [
  {
    pattern: /(secret|configmap) "([^"]+)" not found|couldn't find key (\S+) in (Secret|ConfigMap) (\S+)/,
    reason: 'ConfigMissing',
    code,
    graceMs: configGraceMs,
    say: (_, text) =>
      `what the pod needs is missing: ${text}. Create it in the namespace, or correct the pod template.`,
  },
  {
    pattern: /runAsNonRoot/,
    reason: 'RootRefused',
    code,
    isFinal: true,
    say: (_, text) => `the container would run as root, which is not allowed: ${text}. Name a numeric user.`,
  },
  {
    pattern: missingShell,
    reason: 'NoShell',
    code,
    isFinal: true,
    say: () => 'the image has no `sh`, which an environment needs. Use an image with a shell.',
  },
  {
    pattern: /exec format error/,
    reason: 'WrongPlatform',
    code,
    isFinal: true,
    say: () =>
      'the image is for another platform than the node (exec format error). Use an image for it, or ask for the platform.',
  },
  {
    pattern: new RegExp(keepAliveEnds.workspaceNotWritable.message),
    reason: 'WorkspaceNotWritable',
    code: 'RECAC_WORKSPACE_UNAVAILABLE',
    isFinal: true,
    say: () =>
      "the workspace cannot be written by the environment's user. Give the directory to it, name its owner as user, or mount it read-only.",
  },
  {
    pattern: /subPath/,
    reason: 'SubPathFailed',
    code: 'RECAC_WORKSPACE_UNAVAILABLE',
    graceMs: configGraceMs,
    say: (_, text) =>
      `the directory of the session could not be made in the volume: ${text}. Check that the volume can be written.`,
  },
  {
    pattern: /no space left on device/,
    reason: 'NoSpace',
    code,
    isFinal: true,
    say: () => 'the disk of the node is full. Free space on it.',
  },
];

/** Of these the kubelet tries some again, to no avail but for what comes late. */
const waitingReasons = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PostStartHookError',
  'PreStartHookError',
  'StartError',
]);

/** Why a container was not created, or ended at once; undefined when neither is so. */
export function readContainerFailure(evidence: Evidence, container: ContainerStatus): StartFailure | undefined {
  const { waiting, terminated } = container.state ?? {};
  const last = terminated ?? container.lastState?.terminated;
  const isLooping = waiting?.reason === 'CrashLoopBackOff';
  if (waiting && !isLooping) {
    if (!waitingReasons.has(waiting.reason ?? '')) return undefined;
    const words = waiting.message ?? waiting.reason ?? '';
    return matchRule([slow, ...rules], 'start', words) ?? toOther(waiting.reason ?? 'CreateFailed', words);
  }
  if (!last || (!terminated && !isLooping)) return undefined;
  const printed = [last.message, evidence.logTail].filter((text) => text !== undefined && text !== '').join('; ');
  if (last.reason === 'OOMKilled') return toOutOfMemory(printed);
  const known = matchRule(rules, 'start', printed);
  if (known) return known;
  const says = printed === '' ? '' : `. It said: ${printed}`;
  return toOther(
    isLooping ? 'CrashLoop' : 'MainProcessEnded',
    `the main process ended with exit code ${last.exitCode}${says}`,
  );
}

function toOutOfMemory(words: string): StartFailure {
  return {
    phase: 'ready',
    reason: 'OOMKilled',
    message:
      'the environment was killed because it used more memory than its limit (OOMKilled). Raise the memory limit.',
    code,
    isFinal: true,
    evidence: ['OOMKilled', ...(words === '' ? [] : [words])],
  };
}

function toOther(reason: string, words: string): StartFailure {
  const failure = matchRule(
    [
      {
        pattern: /[\s\S]*/,
        reason,
        code,
        isFinal: true,
        say: (_, text) => `the container could not be started: ${text}. Check the image and the pod template.`,
      },
    ],
    'start',
    words,
  );
  return failure as StartFailure;
}
