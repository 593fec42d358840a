import { type FailureRule, matchRule } from './failure-rule.ts';
import { findEvents } from './kubernetes-event.ts';
import type { Evidence, StartFailure } from './start-failure.ts';

/** Volumes are attached and mounted anew for a while. */
const mountGraceMs = 60_000;
const missingGraceMs = 5_000;
const workspace = 'RECAC_WORKSPACE_UNAVAILABLE';

/** Kubernetes 1.34 calls it an error, 1.37 a wait. */
const attachedElsewhere = '(?:Multi-Attach error|Waiting for detach) for volume "([^"]+)"';

const rules: readonly FailureRule[] = [
  {
    pattern: new RegExp(`${attachedElsewhere} Volume is already used by (.+)`),
    reason: 'MultiAttach',
    code: 'RECAC_WORKSPACE_CONFLICT',
    graceMs: mountGraceMs,
    say: ([, volume, users]) =>
      `the volume ${volume} can be attached to one node at a time, and is used on another by ${users}. Stop who uses it there (kubectl delete pod with --force once that node cannot run anything any more), or use a claim with ReadWriteMany.`,
  },
  {
    pattern: new RegExp(attachedElsewhere),
    reason: 'StillAttached',
    code: 'RECAC_WORKSPACE_CONFLICT',
    say: ([, volume], text) =>
      `waiting: the volume ${volume} is still attached to another node, though no pod uses it there any more (${text}). Kubernetes detaches it when that node has unmounted it, and six minutes later from one that does not answer: look at kubectl get volumeattachments and at the node.`,
  },
  {
    pattern: /(secret|configmap) "([^"]+)" not found/,
    reason: 'ConfigMissing',
    code: 'RECAC_ENVIRONMENT_START_FAILED',
    graceMs: missingGraceMs,
    say: ([, kind, name]) =>
      `the ${kind} ${name}, which the pod mounts, does not exist in the namespace. Create it, or correct the pod template.`,
  },
  {
    pattern: /hostPath type check failed[:,] (.+)/,
    reason: 'HostPathMissing',
    code: workspace,
    isFinal: true,
    say: ([, rest]) => `the workspace directory does not exist on the node (${rest}). Use another workspace strategy.`,
  },
  {
    pattern: /[\s\S]+/,
    reason: 'MountFailed',
    code: workspace,
    graceMs: mountGraceMs,
    say: (_, text) => `a volume could not be mounted (${text}). Look at the claim and at the node.`,
  },
];

/**
 * Why the volumes are not there; read only while no container of the pod was created. What is not attached cannot be mounted, and the kubelet's complaint about
 * that, which comes every two minutes, does not hide why: the controller says it only once.
 */
export function readVolumeFailure({ podEvents }: Evidence): StartFailure | undefined {
  const [attached] = findEvents(podEvents, 'FailedAttachVolume', 'SuccessfulAttachVolume');
  const [mounted] = findEvents(podEvents, 'FailedMount', 'FailedMapVolume');
  const event = attached?.reason === 'FailedAttachVolume' ? attached : mounted;
  return event?.message === undefined ? undefined : matchRule(rules, 'start', event.message);
}
