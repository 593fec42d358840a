import { type ClaimMount, type ClaimUser, overlaps } from './claim.ts';
import { fromJobMetadata, provedAnnotation } from './job-labels.ts';
import { findTrue, type Job } from './job-object.ts';
import { hasEnded } from './pod.ts';
import { isPodOf } from './pod-status.ts';

/** A Job of ours, as far as it tells which directory of a claim its pod uses, or will use. */
export type ClaimJob = Job & {
  /** What it runs. */
  readonly spec?: {
    /** Its pod. */
    readonly template?: Pick<ClaimUser, 'spec'>;
  };
};

/** Who may use a claim: pods, and Jobs of ours. To be listed in this order, so that a Job that goes in between leaves its pod. */
export interface ClaimUsers {
  /** Pods. */
  readonly pods: readonly ClaimUser[];
  /** Jobs of ours. */
  readonly jobs: readonly ClaimJob[];
}

/** What another session in the same directory means for a start. */
export type Rivalry =
  /** Nobody else is there, nor may come. */
  | { readonly verdict: 'alone' }
  /** The other one is first. */
  | { readonly verdict: 'yields'; readonly sessionId: string }
  /** The other one must yield, or is going. */
  | { readonly verdict: 'waits'; readonly sessionId: string };

/** Jobs whose pod is still to come, as what that pod will be: they wait for a quota, a webhook or a queue. */
export function findComing({ pods, jobs }: ClaimUsers): readonly ClaimUser[] {
  return jobs.filter((job) => isComing(job, pods)).map(toUser);
}

/**
 * Who of the sessions that start in one directory goes on. Every start asks once its own Job exists, so of two at least one sees the other. The later one yields at once, and also an
 * earlier one to a Job whose shell has answered, since that may have asked before it could see anybody; whoever else is first waits until the other is gone, or has a shell. So
 * no clock decides whether there are two, and never do all of them yield.
 */
export function judgeRivals(own: Job, mount: ClaimMount, { pods, jobs }: ClaimUsers): Rivalry {
  const users = pods.filter((pod) => isInTheWay(pod, mount) && !isPodOf(pod, own.metadata.uid));
  const rivals = jobs.filter(
    (job) =>
      job.metadata.uid !== own.metadata.uid &&
      isInTheWay(toUser(job), mount) &&
      isLive(job) &&
      (isComing(job, pods) || users.some((pod) => isPodOf(pod, job.metadata.uid))),
  );
  const first = rivals.find((job) => isProved(job) || precedes(job, own));
  if (first) return { verdict: 'yields', sessionId: toSessionId(first) };
  const [other] = [...rivals, ...users];
  return other ? { verdict: 'waits', sessionId: toSessionId(other) } : { verdict: 'alone' };
}

function isInTheWay(user: ClaimUser, mount: ClaimMount): boolean {
  return fromJobMetadata(user.metadata) !== undefined && !hasEnded(user) && overlaps(user, mount);
}

function toUser({ metadata, spec }: ClaimJob): ClaimUser {
  const { spec: pod } = spec?.template ?? {};
  return { metadata, ...(pod && { spec: pod }) };
}

/** A Job whose shell has answered has had its pod. */
function isComing(job: ClaimJob, pods: readonly ClaimUser[]): boolean {
  return isLive(job) && !isProved(job) && !pods.some((pod) => isPodOf(pod, job.metadata.uid));
}

function isLive({ metadata, status }: Job): boolean {
  const ends = ['Failed', 'FailureTarget', 'Complete', 'SuccessCriteriaMet'];
  return metadata.deletionTimestamp === undefined && !ends.some((type) => findTrue(status?.conditions, type));
}

function isProved({ metadata }: Job): boolean {
  return metadata.annotations?.[provedAnnotation] !== undefined;
}

function precedes(one: Job, other: Job): boolean {
  const [left, right] = [one, other].map(({ metadata }) => `${metadata.creationTimestamp} ${metadata.uid}`);
  return String(left) < String(right);
}

function toSessionId({ metadata }: Pick<ClaimUser, 'metadata'>): string {
  return fromJobMetadata(metadata)?.sessionId ?? '';
}
