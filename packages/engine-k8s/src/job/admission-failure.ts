import { type FailureRule, matchRule } from './failure-rule.ts';
import { findTrue } from './job-object.ts';
import { findEvents } from './kubernetes-event.ts';
import type { Evidence, StartFailure } from './start-failure.ts';

const code = 'RECAC_ENVIRONMENT_START_FAILED';

/** How long a default ServiceAccount may be missing: the cluster makes it after the namespace. */
const serviceAccountGraceMs = 5_000;

const quotaExceeded: FailureRule = {
  pattern: /exceeded quota: ([^,]+), requested: (.+)/,
  reason: 'QuotaExceeded',
  code,
  say: ([, quota, rest]) =>
    `waiting: quota ${quota} of the namespace is used up (requested: ${rest}). Stop other environments, or raise the quota.${toDiskStep(rest)}`,
};

/** What the Job controller says when it may not create the pod (event FailedCreate). The Job itself says nothing. */
const rules: readonly FailureRule[] = [
  quotaExceeded,
  {
    // OpenShift lists all that each constraint refuses in one sentence, a directory of the node among it.
    pattern: /unable to validate against any security context constraint: ([\s\S]+)/,
    reason: 'SecurityContextRefused',
    code,
    isFinal: true,
    say: ([, rest = '']) => toConstraintMessage(rest),
  },
  {
    pattern: /failed quota: ([^:]+): must specify (.+)/,
    reason: 'QuotaNeedsResources',
    code,
    isFinal: true,
    say: ([, quota, rest]) =>
      `quota ${quota} of the namespace demands ${rest}. Give --cpu and --memory, set kubernetes.resources, or give the namespace a LimitRange with defaults.`,
  },
  {
    pattern: /violates PodSecurity "([^"]+)": .*hostPath volumes \(volumes? [^)]*"recac-workspace"/,
    reason: 'HostPathForbidden',
    code: 'RECAC_WORKSPACE_UNAVAILABLE',
    isFinal: true,
    say: ([, level]) =>
      `the namespace's Pod Security profile ${level} forbids a directory of the node as workspace (hostPath). Use another workspace strategy, or a namespace with pod-security.kubernetes.io/enforce=privileged.`,
  },
  {
    pattern: /^(?!.*violates PodSecurity)(?=.*(?:denied|forbidden)).*host ?path/is,
    reason: 'HostPathForbidden',
    code: 'RECAC_WORKSPACE_UNAVAILABLE',
    isFinal: true,
    say: (_, text) =>
      `the cluster forbids directories of the node, hostPath (${text}). Use another workspace strategy, or ask who runs the cluster.`,
  },
  {
    pattern: /violates PodSecurity "([^"]+)": (.+)/,
    reason: 'PodSecurityRefused',
    code,
    isFinal: true,
    say: ([, level, rest]) =>
      `the namespace's Pod Security profile ${level} refuses the pod: ${rest}. Leave out what it names (root, hostPath, pod_template), or use another namespace.`,
  },
  {
    pattern: /serviceaccount "default" not found/,
    reason: 'ServiceAccountMissing',
    code,
    graceMs: serviceAccountGraceMs,
    say: () =>
      'the ServiceAccount default does not exist in the namespace. Wait until the cluster has made it, or name another.',
  },
  {
    pattern: /serviceaccount "([^"]+)" not found/i,
    reason: 'ServiceAccountMissing',
    code,
    isFinal: true,
    say: ([, name]) =>
      `the ServiceAccount ${name} does not exist in the namespace. Create it, or correct kubernetes.service_account.`,
  },
  {
    pattern: /((?:maximum|minimum) (?:cpu|memory|\S+) usage per \w+ is .+|max limit to request ratio per \w+ is .+)/,
    reason: 'LimitRangeExceeded',
    code,
    isFinal: true,
    say: ([, rest]) =>
      `a LimitRange of the namespace refuses the resources: ${rest}. Change the requests or limits.${toDiskStep(rest)}`,
  },
  {
    pattern: /no PriorityClass with name (\S+) was found/,
    reason: 'PriorityClassMissing',
    code,
    isFinal: true,
    say: ([, name]) => `the PriorityClass ${name} does not exist. Create it, or correct kubernetes.priority_class.`,
  },
  {
    pattern: /RuntimeClass "([^"]+)" not found/i,
    reason: 'RuntimeClassMissing',
    code,
    isFinal: true,
    say: ([, name]) => `the RuntimeClass ${name} does not exist. Install it, or correct kubernetes.runtime_class.`,
  },
  {
    pattern: /failed calling webhook "([^"]+)": (.+)/,
    reason: 'WebhookUnavailable',
    code,
    say: ([, name, rest]) =>
      `waiting: the admission webhook ${name} does not answer (${rest}). Repair it, or ask who runs the cluster.`,
  },
  {
    pattern: /admission webhook "([^"]+)" denied the request:? ?(.*)/,
    reason: 'WebhookRefused',
    code,
    isFinal: true,
    say: ([, name, rest]) =>
      `the admission webhook ${name} refuses the pod: ${rest || 'it gives no reason'}. Change what it names, or ask who runs the cluster.`,
  },
  {
    pattern: /is being terminated/,
    reason: 'NamespaceTerminating',
    code,
    isFinal: true,
    say: () => 'the namespace is being deleted. Use another.',
  },
  {
    pattern: /(?:forbidden: |is invalid: )(.+)/,
    reason: 'AdmissionRefused',
    code,
    isFinal: true,
    say: ([, rest]) => `the cluster refuses the pod: ${rest}. Change what it names, or ask who runs the cluster.`,
  },
];

/** Disk is limited also where nobody has asked for it, and no setting of its own changes that. */
function toDiskStep(words = ''): string {
  if (!words.includes('ephemeral-storage')) return '';
  return ' Disk is limited by kubernetes.pod_template.spec.containers[agent].resources.limits.ephemeral-storage.';
}

/** The first uid of the range that a constraint allows, which the pod would have to run as. */
function toConstraintMessage(words: string): string {
  const [, first] = /must be in the ranges: \[(\d+), \d+\]/.exec(words) ?? [];
  const step =
    first === undefined
      ? 'Ask who runs the cluster for a constraint that allows it'
      : `Start it as a user of the namespace's range with --user ${first}, or ask who runs the cluster for a constraint such as nonroot-v2`;
  const noDirectory = /hostPath volumes are not allowed/.test(words)
    ? ', with another workspace strategy than a directory of the node'
    : '';
  return `no security context constraint of the cluster (OpenShift) allows the pod. ${step}${noDirectory}. The cluster says: ${words.slice(0, 400)}.`;
}

const eventsHidden: StartFailure = {
  phase: 'admit',
  reason: 'EventsHidden',
  message:
    'waiting: there is no pod yet, and why is in events of the namespace, which you may not read. Ask for the right to list and watch events, or look with kubectl describe job.',
  code,
  isFinal: false,
  evidence: ['events is forbidden'],
};

const suspended: StartFailure = {
  phase: 'admit',
  reason: 'Suspended',
  message: 'waiting: the Job is suspended. Whoever suspended it, such as a queue (Kueue), must let it begin.',
  code,
  isFinal: false,
  evidence: ['Job suspended'],
};

/** Why there is no pod; undefined when there is one, or nothing is known yet. */
export function readAdmissionFailure({
  job,
  pod,
  jobEvents,
  areEventsHidden = false,
}: Evidence): StartFailure | undefined {
  if (pod !== undefined) return undefined;
  if (findTrue(job?.status?.conditions, 'Suspended')) return suspended;
  const [event] = findEvents(jobEvents, 'FailedCreate');
  if (event?.message === undefined) return areEventsHidden ? eventsHidden : undefined;
  const known = matchRule(rules, 'admit', event.message);
  return (
    known ?? {
      phase: 'admit',
      reason: 'CreateFailed',
      message: `waiting: the pod could not be created (${event.message}). The cluster tries again.`,
      code,
      isFinal: false,
      evidence: [event.message],
    }
  );
}
