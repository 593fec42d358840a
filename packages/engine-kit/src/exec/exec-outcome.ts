import { type ExecOutcome, signalNumbers, toSignalName } from '@recac/engine-core';
import type { FollowedEnd } from './record-follower.ts';

/**
 * The outcome a record tells. POSIX shells report a death by signal as 128+n and say so on stderr, but for SIGINT and SIGPIPE, where
 * `exit 130` looks the same: those count as a signal only when we sent it.
 */
export function toOutcome(end: FollowedEnd, sentSignals: ReadonlySet<string> = new Set()): ExecOutcome {
  if (end.type === 'lost') return { type: 'lost', reason: end.reason };
  const { code, signaled, cause } = end.record;
  if (cause) return cause;
  if (code > 128 && (signaled || isSent(code - 128, sentSignals)))
    return { type: 'signaled', signal: toSignalName(code - 128) };
  return { type: 'exited', code };
}

function isSent(number: number, sentSignals: ReadonlySet<string>): boolean {
  return [...sentSignals].some((name) => signalNumbers[name] === number);
}
