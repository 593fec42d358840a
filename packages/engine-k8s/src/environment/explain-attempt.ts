import { abortedError, RecacError } from '@recac/engine-core';
import { toLastWords } from '../job/last-words.ts';
import type { ClusterNamespace } from './cluster-namespace.ts';
import { readEvidence, type Seen } from './read-evidence.ts';

/** It is asked once, and a removal waits for it. */
const evidenceDeadlineMs = 3_000;

/** What is known of a start that failed, beside its error. */
export interface FailedAttempt {
  /** Cancels the start; its reason tells a limit that has passed from a caller who does not want it any more. */
  readonly signal: AbortSignal;
  /** Name of its Job. */
  readonly name: string;
  /** The cluster's last words on it, where they are wanted. */
  readonly evidence: readonly string[] | undefined;
  /** What it was, for the message of one that was cancelled. Default: the start of the environment. */
  readonly what?: string;
  /** Why it could not be removed; undefined when it is gone. */
  readonly cleanup: unknown;
}

/** The cluster's last words on a start whose limit has passed, to be asked for before it is removed; undefined for others. Never rejects. */
export async function readLastWords(
  cluster: ClusterNamespace,
  seen: Seen | undefined,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const { reason } = signal;
  const isTooLate = RecacError.isInstance(reason) && reason.code === 'RECAC_ENVIRONMENT_START_TIMEOUT';
  if (!isTooLate || seen === undefined) return undefined;
  const known = { jobEvents: [], podEvents: [] };
  const evidence = await readEvidence(cluster, seen, AbortSignal.timeout(evidenceDeadlineMs)).catch(() => known);
  return toLastWords({ ...seen, ...evidence });
}

/** The error of a start with what the cluster said last in `details.evidence`, and what could not be removed in `details.cleanup` and `details.left`. */
export function explainAttempt(
  error: unknown,
  { namespace }: ClusterNamespace,
  { signal, name, evidence, what = 'the start of the environment', cleanup }: FailedAttempt,
): unknown {
  if (evidence === undefined && cleanup === undefined) return error;
  const { code, message, cause, details } = toRecacError(error, what, signal);
  const left =
    cleanup === undefined ? {} : { left: [`job/${name}`], cleanup: toCleanupWords(cleanup, namespace, name) };
  return new RecacError(code, message, { cause, details: { ...details, ...(evidence && { evidence }), ...left } });
}

function toRecacError(error: unknown, what: string, signal: AbortSignal): RecacError {
  if (RecacError.isInstance(error)) return error;
  if (signal.aborted) return abortedError(what, error);
  return new RecacError('RECAC_INTERNAL', String(error), { cause: error });
}

/** Why the Job of that name could not be removed, and how to, in sentences. */
export function toCleanupWords(cleanup: unknown, namespace: string, name: string): string {
  const { message } = cleanup as Error;
  if (RecacError.isInstance(cleanup) && cleanup.details.left !== undefined) return message;
  return `job/${name} in namespace ${namespace} may be left, or its pod (kubectl delete --namespace ${namespace} job/${name}): ${message}`;
}
