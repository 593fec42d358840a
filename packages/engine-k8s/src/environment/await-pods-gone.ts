import { delay } from '@recac/engine-kit';
import { isPodOf } from '../job/pod-status.ts';
import type { EnvironmentWatch } from '../watch/namespace-watch.ts';

/** Sees the end of a Job's pods in a watch, without asking. */
export interface PodsEnd {
  /** Waits until the pods that are known are gone, at most so long. True when they are; false when that is not known, as where none was ever seen. */
  readonly within: (milliseconds: number, signal: AbortSignal) => Promise<boolean>;
  /** Ends listening. */
  readonly close: () => void;
}

/** Listens for the end of a Job's pods from now on; to be called before they are deleted. */
export function followPodsEnd({ pods }: EnvironmentWatch, jobUid: string): PodsEnd {
  const gone = Promise.withResolvers<boolean>();
  const isAny = (): boolean => [...pods.table.values()].some((pod) => isPodOf(pod, jobUid));
  const close = pods.listen({
    onChange: ({ type, object }) => {
      if (type === 'DELETED' && isPodOf(object, jobUid) && !isAny()) gone.resolve(true);
    },
    onFailure: () => gone.resolve(false),
  });
  // Whoever is not seen may not have been told of yet: then only asking helps.
  pods.synced.then(
    () => isAny() || gone.resolve(false),
    () => gone.resolve(false),
  );
  return { within: (milliseconds, signal) => Promise.race([gone.promise, notWithin(milliseconds, signal)]), close };
}

async function notWithin(milliseconds: number, signal: AbortSignal): Promise<false> {
  await delay(milliseconds, signal);
  return false;
}
