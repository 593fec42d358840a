import type { EnvironmentEvent, EnvironmentStatus } from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import { parseEnvironmentId } from '../job/environment-id.ts';
import { toGoneJob } from '../job/gone-job.ts';
import type { Pod } from '../job/pod.ts';
import { findPodOfJob, toShownStatus } from '../job/pod-status.ts';
import type { EnvironmentWatch } from '../watch/namespace-watch.ts';
import { withProof } from './mark-proved.ts';
import type { Removals } from './removals.ts';

/** Changes come in bursts: a Job and its pod, several times each. */
const burstMs = 20;

/** What is told. */
export interface WatchEnvironmentsOptions {
  /** Only the environment whose Job has this name; undefined: all. */
  readonly name: string | undefined;
  /** Removals that go on, which make an environment `Stuck`. */
  readonly removals: Pick<Removals, 'show' | 'listen'>;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * What exists, then every change, from the watches of Jobs and pods. What is told is the difference between two states, so that lost, doubled and late events do no harm. Rejects
 * when the watches cannot be opened, or cannot go on.
 */
export async function* watchEnvironments(
  { jobs, pods }: EnvironmentWatch,
  { name, removals, signal }: WatchEnvironmentsOptions,
): AsyncGenerator<EnvironmentEvent, void, undefined> {
  const known = new Map<string, EnvironmentStatus>();
  const changed = new Set<string>();
  let wake = Promise.withResolvers<void>();
  // A first list that fails is told by `synced`, before anybody waits for this.
  wake.promise.catch(() => {});
  const stop = (): void => wake.resolve();
  const fail = (error: unknown): void => wake.reject(error);
  const onJob = (uid: string): void => {
    changed.add(uid);
    wake.resolve();
  };
  const ends = [
    jobs.listen({ onChange: ({ object }) => onJob(object.metadata.uid), onFailure: fail }),
    pods.listen({
      onChange: ({ object }) => object.metadata.ownerReferences?.forEach(({ uid }) => void onJob(uid)),
      onFailure: fail,
    }),
    removals.listen((id) => onJob(parseEnvironmentId(id)?.uid ?? '')),
  ];
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([Promise.all([jobs.synced, pods.synced]), untilAborted(signal)]);
    for (const { metadata } of jobs.table.values()) changed.add(metadata.uid);
    for (const uid of groupByOwner(pods.table.values()).keys()) changed.add(uid);
    while (!signal.aborted) {
      wake = Promise.withResolvers<void>();
      wake.promise.catch(() => {});
      const uids = [...changed];
      changed.clear();
      const owned = groupByOwner(pods.table.values());
      for (const uid of uids) yield* compare(known, uid, readStatus(uid, owned));
      await wake.promise;
      await delay(burstMs, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    for (const end of ends) end();
  }

  function readStatus(uid: string, owned: ReadonlyMap<string, readonly Pod[]>): EnvironmentStatus | undefined {
    const job = jobs.table.get(uid);
    if (job === undefined) return readLeft(owned.get(uid) ?? [], known.get(uid));
    if (name !== undefined && job.metadata.name !== name) return undefined;
    const pod = findPodOfJob(job, owned.get(uid) ?? []);
    const status = toShownStatus(job, pod && withProof(job, pod));
    return status && removals.show(status);
  }

  /** Until the Job's end has reached its pod, nothing else is known of the environment than before. */
  function readLeft(left: readonly Pod[], before: EnvironmentStatus | undefined): EnvironmentStatus | undefined {
    const pod = left.find((one) => toGoneJob(one) !== undefined);
    const job = pod && toGoneJob(pod);
    if (job === undefined || (name !== undefined && job.metadata.name !== name)) return undefined;
    if (pod?.metadata.deletionTimestamp === undefined) return before;
    const status = toShownStatus(job, pod);
    // The pod was made a moment after its Job.
    return status && before ? { ...status, createdAt: before.createdAt } : status;
  }
}

function* compare(
  known: Map<string, EnvironmentStatus>,
  uid: string,
  now: EnvironmentStatus | undefined,
): Generator<EnvironmentEvent> {
  const before = known.get(uid);
  if (now === undefined) {
    known.delete(uid);
    if (before) yield { type: 'DELETED', environment: before };
    return;
  }
  known.set(uid, now);
  if (!before) yield { type: 'ADDED', environment: now };
  else if (JSON.stringify(before) !== JSON.stringify(now)) yield { type: 'MODIFIED', environment: now };
}

function groupByOwner(pods: Iterable<Pod>): ReadonlyMap<string, readonly Pod[]> {
  const owned = new Map<string, Pod[]>();
  for (const pod of pods) {
    for (const { uid } of pod.metadata.ownerReferences ?? []) owned.set(uid, [...(owned.get(uid) ?? []), pod]);
  }
  return owned;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
