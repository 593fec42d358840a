import type { EnvironmentSpec } from '@recac/engine-core';
import type { DaemonFacts } from '../daemon/daemon-facts.ts';

/** A warning about the limits of an environment that the daemon leaves out without a word, because its machine cannot keep them; undefined when it keeps them all. */
export function explainDiscardedLimits({ resources }: EnvironmentSpec, facts: DaemonFacts): string | undefined {
  const { memoryLimit, swapLimit, processLimit } = facts.keepsLimits;
  const asked = resources?.limits?.memory !== undefined;
  const left = [
    ...(memoryLimit ? [] : ['memory']),
    // Nobody asked for that of the limit that every environment has.
    ...(memoryLimit && !swapLimit && asked ? ['swap, which is used beyond the memory'] : []),
    ...(processLimit ? [] : ['the number of processes']),
  ];
  if (left.length === 0) return undefined;
  return `the daemon's machine cannot limit ${left.join(' and ')}: its control groups for it are switched off. Boot it with cgroup_enable=memory swapaccount=1, or give a rootless daemon the controllers.`;
}
