/** Pause before the users of a claim are listed for the second time, in milliseconds: most that are waited for are about to end. */
export const firstClaimPauseMs = 500;

const longestPauseMs = 5_000;

/** The pause after this one, in milliseconds. It grows to five seconds: each look lists all pods that may use the claim. */
export function toNextClaimPauseMs(pauseMs: number): number {
  return Math.min(pauseMs * 1.5, longestPauseMs);
}
