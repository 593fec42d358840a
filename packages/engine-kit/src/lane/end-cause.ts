import type { ExecOutcome } from '@recac/engine-core';

/** Why a client ended a command. */
export type EndCause = Extract<ExecOutcome, { readonly type: 'timedOut' | 'cancelled' }>;

/** The cause as one word for the record. */
export function encodeEndCause(cause: EndCause): string {
  return cause.type === 'cancelled' ? 'cancelled' : `${cause.limit}.${cause.limitMs}`;
}

/** The cause of a word of the record; `-`, and anything unknown, is none. */
export function decodeEndCause(word: string | undefined): EndCause | undefined {
  if (word === 'cancelled') return { type: 'cancelled' };
  const match = /^(total|idle)\.(\d+)$/.exec(word ?? '');
  if (!match) return undefined;
  return { type: 'timedOut', limit: match[1] as 'total' | 'idle', limitMs: Number(match[2]) };
}
