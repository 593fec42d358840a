import { type FailureRule, matchRule } from './failure-rule.ts';
import { findEvents } from './kubernetes-event.ts';
import type { Evidence, StartFailure } from './start-failure.ts';

const rules: readonly FailureRule[] = [
  {
    // containerd's words, CRI-O's words.
    pattern: /no runtime for "([^"]+)" is configured|failed to find runtime handler (\S+)/,
    reason: 'RuntimeMissing',
    code: 'RECAC_ENVIRONMENT_START_FAILED',
    isFinal: true,
    say: ([, containerd, crio]) =>
      `the node has no runtime ${containerd ?? crio}, which the RuntimeClass names. Choose a node that has it (node_selector), or another RuntimeClass.`,
  },
  {
    pattern: /[\s\S]+/,
    reason: 'SandboxFailed',
    code: 'RECAC_ENVIRONMENT_START_FAILED',
    say: (_, text) =>
      `waiting: the node could not make the pod's network or sandbox (${text}). Look at the node if it stays.`,
  },
];

/** Why there is no place for the pod's containers; read only while none of them was created. A node that is busy or new tries again by itself. */
export function readSandboxFailure({ podEvents }: Evidence): StartFailure | undefined {
  const [event] = findEvents(podEvents, 'FailedCreatePodSandBox');
  return event?.message === undefined ? undefined : matchRule(rules, 'start', event.message);
}
