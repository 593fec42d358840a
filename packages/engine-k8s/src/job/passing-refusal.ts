import { RecacError } from '@recac/engine-core';
import { readAdmissionFailure } from './admission-failure.ts';

/** Why a Job may be refused now and taken later. */
const passingReasons = new Set(['QuotaExceeded', 'WebhookUnavailable']);

/** What is waited for where the Job itself was refused for what may pass: a quota, such as one on Jobs, that is used up, or a webhook that does not answer; undefined for other errors. */
export function readPassingRefusal(error: unknown): string | undefined {
  const message = RecacError.isInstance(error) ? error.details.message : undefined;
  if (typeof message !== 'string') return undefined;
  const failure = readAdmissionFailure({ jobEvents: [{ reason: 'FailedCreate', message }], podEvents: [] });
  return failure && passingReasons.has(failure.reason) ? failure.message : undefined;
}
