import { type FailureRule, matchRule } from './failure-rule.ts';
import { findEvents } from './kubernetes-event.ts';
import type { Evidence, StartFailure } from './start-failure.ts';

const code = 'RECAC_ENVIRONMENT_START_FAILED';

/** The scheduler may learn of a claim later than of the pod. */
const claimGraceMs = 5_000;

/** Words of the scheduler. But for what cannot come by itself nothing is final: an autoscaler, or the end of another pod, may help. */
const rules: readonly FailureRule[] = [
  {
    pattern: /persistentvolumeclaim "([^"]+)" not found/,
    reason: 'ClaimMissing',
    code: 'RECAC_WORKSPACE_UNAVAILABLE',
    graceMs: claimGraceMs,
    say: ([, name]) =>
      `the PersistentVolumeClaim ${name} does not exist in the namespace. Create it, or correct kubernetes.pvc_name.`,
  },
  {
    pattern: /persistentvolumeclaim "([^"]+)" is being deleted/,
    reason: 'ClaimDeleting',
    code: 'RECAC_WORKSPACE_UNAVAILABLE',
    isFinal: true,
    say: ([, name]) => `the PersistentVolumeClaim ${name} is being deleted. Use another.`,
  },
  {
    pattern: /unbound immediate PersistentVolumeClaims/,
    reason: 'ClaimUnbound',
    code: 'RECAC_WORKSPACE_UNAVAILABLE',
    say: () =>
      'waiting: a PersistentVolumeClaim has no volume yet. Look at its StorageClass with kubectl describe pvc.',
  },
  {
    pattern: /ReadWriteOncePod/,
    reason: 'ClaimInUse',
    code: 'RECAC_WORKSPACE_CONFLICT',
    say: () =>
      'waiting: another pod uses the PersistentVolumeClaim, whose access mode allows one (ReadWriteOncePod). Stop it, or use another claim.',
  },
  {
    pattern: /PersistentVolume's node affinity|volume node affinity conflict/,
    reason: 'VolumeAffinity',
    code,
    say: (_, text) =>
      `waiting: no node that the workspace's volume can be used on will do (${text}). Free such a node, or use another claim.`,
  },
  {
    pattern: /Insufficient ([\w./-]+)/,
    reason: 'InsufficientResources',
    code,
    say: ([, resource], text) =>
      `waiting: no node has enough ${resource} left (${text}). Lower the requests, stop other environments, or add nodes.`,
  },
  {
    pattern: /untolerated taint/,
    reason: 'Tainted',
    code,
    say: (_, text) =>
      `waiting: the nodes have taints that the pod does not tolerate (${text}). Set kubernetes.tolerations, or use other nodes.`,
  },
  {
    pattern: /were unschedulable/,
    reason: 'Cordoned',
    code,
    say: (_, text) =>
      `waiting: a node that might do is cordoned, so it takes no new pod (Unschedulable: ${text}). Uncordon it with kubectl uncordon, or add another.`,
  },
  {
    pattern: /node affinity\/selector|node selector/,
    reason: 'NoNodeMatches',
    code,
    say: (_, text) =>
      `waiting: no node has the labels asked for (${text}). Correct the node selector or the platform, or add such a node.`,
  },
  {
    pattern: /[\s\S]+/,
    reason: 'Unschedulable',
    code,
    say: (_, text) => `waiting: no node takes the pod (${text}). Free or add a node.`,
  },
];

/** Why the pod has no node; undefined when it has one, or nobody said. */
export function readScheduleFailure({ pod, podEvents }: Evidence): StartFailure | undefined {
  if (pod === undefined || pod.spec?.nodeName !== undefined) return undefined;
  const condition = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (condition?.reason === 'SchedulingGated')
    return {
      phase: 'schedule',
      reason: 'SchedulingGated',
      message: 'waiting: the pod has scheduling gates. Whoever put them there, such as a queue, must remove them.',
      code,
      isFinal: false,
      evidence: [condition.message ?? 'SchedulingGated'],
    };
  const words = condition?.message ?? findEvents(podEvents, 'FailedScheduling')[0]?.message;
  return words === undefined || words === '' ? undefined : matchRule(rules, 'schedule', words);
}
