/**
 * What a cluster does with NetworkPolicies: `reject` refuses what they do not allow at once, `drop` leaves it without an answer, as most network plugins do,
 * `spare-node` refuses too, but what goes to the pod's own node always passes, as with kindnet; `ignore` does nothing, as a plugin that knows no policies.
 */
export const policyModes = ['reject', 'drop', 'spare-node', 'ignore'] as const;

/** What a cluster does with NetworkPolicies. */
export type PolicyMode = (typeof policyModes)[number];

/** Reads a mode as somebody wrote it. Default: `reject`. Throws with the known ones when it is none. */
export function parsePolicyMode(text: string | undefined): PolicyMode {
  const mode = policyModes.find((known) => known === (text || 'reject'));
  if (mode === undefined) throw new Error(`policies are not treated as ${text}. Known: ${policyModes.join(', ')}.`);
  return mode;
}
