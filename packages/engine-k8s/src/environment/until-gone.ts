import { RecacError } from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import type { ObjectMetadata } from '../api/object-metadata.ts';
import { toForeignFinalizers } from '../job/foreign-finalizers.ts';

/** How long is waited. */
export interface UntilGoneOptions {
  /** When it was deleted, by `performance.now()`. */
  readonly since: number;
  /** Cancels the wait. */
  readonly signal: AbortSignal;
}

/** The kubelet's grace of five seconds and a busy node. */
const goneDeadlineMs = 60_000;
/** Who has put a finalizer somewhere lifts it soon, or it is stuck. */
const finalizerDeadlineMs = 15_000;
const firstPauseMs = 50;
const longestPauseMs = 500;

/** Waits until a list of what is being deleted is empty. Errors: `RECAC_ENGINE_UNAVAILABLE` that names what blocks it. */
export async function untilGone(
  kind: 'pod' | 'job',
  list: () => Promise<readonly ObjectMetadata[]>,
  { since, signal }: UntilGoneOptions,
): Promise<void> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const left = await list();
    if (left.length === 0) return;
    const isKept = left.every((metadata) => toForeignFinalizers(metadata).length > 0);
    if (performance.now() - since > (isKept ? finalizerDeadlineMs : goneDeadlineMs)) throw toBlocked(kind, left);
    await delay(pauseMs, signal);
    signal.throwIfAborted();
  }
}

/** Only a person can know that nothing runs on a node that does not answer. */
function toRemedy(kind: 'pod' | 'job', { name = '', namespace = '' }: Partial<ObjectMetadata> = {}): string {
  const object = `${kind} ${name} --namespace ${namespace}`;
  return `Look at the node (kubectl get ${object} -o wide); if it is gone for good, remove it (kubectl delete node), or, once nothing can run there any more, kubectl delete ${object} --force`;
}

function toBlocked(kind: 'pod' | 'job', left: readonly ObjectMetadata[]): RecacError {
  const blocked = left.find((metadata) => toForeignFinalizers(metadata).length > 0) ?? left[0];
  const finalizers = blocked ? toForeignFinalizers(blocked) : [];
  const cause =
    finalizers.length > 0
      ? `the finalizer ${finalizers.join(', ')} keeps it; whoever put it there must remove it`
      : `its node does not confirm the end. ${toRemedy(kind, blocked)}`;
  return new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    `the ${kind} ${blocked?.name} is being deleted, but ${cause}. It goes by itself once that is done.`,
    { details: { stuck: true, kind, names: left.map(({ name }) => name), finalizers } },
  );
}
