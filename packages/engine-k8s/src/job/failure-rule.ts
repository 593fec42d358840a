import type { ErrorCode, StartPhase } from '@recac/engine-core';
import { toServerWords } from '../api/server-words.ts';
import type { StartFailure } from './start-failure.ts';

/** Reads one cause out of the cluster's own words. */
export interface FailureRule {
  /** What the words look like. */
  readonly pattern: RegExp;
  /** Stable word for the cause. */
  readonly reason: string;
  /** Code of the error. */
  readonly code: ErrorCode;
  /** Default: false. */
  readonly isFinal?: boolean;
  /** See `StartFailure.graceMs`. */
  readonly graceMs?: number;
  /** What is wrong and the next step, from the parts of the match; texts in it are plain already. */
  readonly say: (parts: readonly (string | undefined)[], text: string) => string;
}

/** The cause of the first rule that fits a text; undefined when none does. */
export function matchRule(rules: readonly FailureRule[], phase: StartPhase, words: string): StartFailure | undefined {
  const text = toServerWords(words);
  for (const { pattern, reason, code, isFinal = false, graceMs, say } of rules) {
    const parts = pattern.exec(text);
    if (parts === null) continue;
    return {
      phase,
      reason,
      message: say(
        parts.map((part) => part?.replace(/[.\s]+$/, '')),
        text.replace(/[.\s]+$/, ''),
      ),
      code,
      isFinal,
      ...(graceMs === undefined || isFinal ? {} : { graceMs }),
      evidence: [text],
    };
  }
  return undefined;
}
