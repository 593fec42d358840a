import { findEvents } from './kubernetes-event.ts';
import type { Evidence, StartFailure } from './start-failure.ts';

/** What the Job controller says when the API server takes no pod from it: the Job itself is accepted and waits (kubernetes/kubernetes#90124). */
export function readRefusal({ jobEvents, pod }: Evidence): StartFailure | undefined {
  if (pod !== undefined) return undefined;
  const [event] = findEvents(jobEvents, 'FailedCreate');
  const words = event?.message;
  if (words === undefined) return undefined;
  const evidence = [words];
  const base = { phase: 'admit', code: 'RECAC_ENVIRONMENT_START_FAILED', isFinal: true, evidence } as const;
  if (/exceeded quota|must specify .* for:/i.test(words)) {
    const isMissing = /must specify/i.test(words);
    return {
      ...base,
      isFinal: isMissing,
      reason: 'QuotaExceeded',
      message: isMissing
        ? `the quota of the namespace wants amounts to be named: ${words}. Set the resources that it names.`
        : `the quota of the namespace is used up: ${words}. It starts when others end; or raise the quota.`,
    };
  }
  if (/violates PodSecurity/i.test(words))
    return {
      ...base,
      reason: 'PodSecurity',
      message: `the namespace's Pod Security level refuses the pod: ${words}. Remove what it names, or choose another namespace.`,
    };
  if (/serviceaccount "?.*"? not found|error looking up service account/i.test(words))
    return {
      ...base,
      reason: 'ServiceAccountNotFound',
      message: `the ServiceAccount does not exist: ${words}. Create it, or correct service_account.`,
    };
  if (/(maximum|minimum) .* (per|usage)/i.test(words))
    return {
      ...base,
      reason: 'LimitRange',
      message: `a LimitRange of the namespace refuses the amounts: ${words}. Ask for amounts within it.`,
    };
  if (/failed calling webhook|context deadline exceeded|timeout/i.test(words))
    return {
      ...base,
      isFinal: false,
      graceMs: 30_000,
      reason: 'WebhookUnavailable',
      message: `an admission webhook does not answer: ${words}. Ask who runs the cluster.`,
    };
  if (/admission webhook .* denied/i.test(words))
    return {
      ...base,
      reason: 'WebhookDenied',
      message: `an admission webhook refuses the pod: ${words}. Change what it names.`,
    };
  return {
    ...base,
    isFinal: false,
    graceMs: 10_000,
    reason: 'FailedCreate',
    message: `the cluster takes no pod for the Job: ${words}. Correct what it names.`,
  };
}
