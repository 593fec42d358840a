import { type FailureRule, matchRule } from './failure-rule.ts';
import { findEvents } from './kubernetes-event.ts';
import type { Evidence, StartFailure } from './start-failure.ts';

/** Volumes are attached and mounted anew for a while. */
const mountGraceMs = 60_000;
const missingGraceMs = 5_000;
const workspace = 'RECAC_WORKSPACE_UNAVAILABLE';

const rules: readonly FailureRule[] = [
  {
    pattern: /Multi-Attach error/,
    reason: 'MultiAttach',
    code: 'RECAC_WORKSPACE_CONFLICT',
    say: (_, text) =>
      `waiting: the volume is still attached to another node (${text}). Stop who uses it there, or use a claim with ReadWriteMany.`,
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

/** Why the volumes are not there; read only while no container of the pod was created. */
export function readVolumeFailure({ podEvents }: Evidence): StartFailure | undefined {
  const [event] = findEvents(podEvents, 'FailedMount', 'FailedAttachVolume', 'FailedMapVolume');
  return event?.message === undefined ? undefined : matchRule(rules, 'start', event.message);
}
