import { readOutsideEnd } from '../job/end-cause.ts';
import { findAgent, hasEnded, type Pod } from '../job/pod.ts';
import { keepListening } from '../watch/keep-listening.ts';
import type { ObjectChange } from '../watch/object-table.ts';
import type { ObjectWatch } from '../watch/object-watch.ts';
import type { PodProcess } from './pod-process.ts';

/** Most commands are over by then, and need no guard, unless a watch is open anyway. */
const beginMs = 2_000;
/** The last output of a pod that ends comes within this; after it nothing comes any more. */
const quietMs = 5_000;

/**
 * Ends a process whose pod is gone while its connection says nothing: the API server answers for a node that is dead. Output that a slow reader still takes is not cut.
 * `watch` gives the watch of the pods; it is listened to only while the process lives. `onEnd` is told
 * why the cluster ends the pod, since the pod itself may be gone when somebody asks.
 */
export function guardProcess(
  process: PodProcess,
  podName: string,
  watch: () => ObjectWatch<Pod>,
  onEnd: (message: string) => void = () => {},
): void {
  let end = (): void => {};
  let timer = setTimeout(begin, watch().isOpen ? 0 : beginMs).unref();
  void process.exited.then(() => {
    clearTimeout(timer);
    end();
  });

  function begin(): void {
    end = keepListening(watch, {
      onChange: (change) => {
        if (change.object.metadata.name !== podName) return;
        note(change.object);
        if (tellsOfEnd(change)) loseWhenQuiet();
      },
      onSynced: ({ table }) => {
        const pod = [...table.values()].find(({ metadata }) => metadata.name === podName);
        if (pod) note(pod);
        else loseWhenQuiet();
      },
    });
  }

  function note(pod: Pod): void {
    const cause = readOutsideEnd({ pod });
    if (cause) onEnd(cause.message);
  }

  function loseWhenQuiet(): void {
    clearTimeout(timer);
    const leftMs = quietMs - process.quietMs;
    if (leftMs <= 0) process.lose(`the pod ${podName} is gone`);
    else timer = setTimeout(loseWhenQuiet, leftMs + 1).unref();
  }
}

function tellsOfEnd({ type, object }: ObjectChange<Pod>): boolean {
  return type === 'DELETED' || hasEnded(object) || findAgent(object)?.state?.terminated !== undefined;
}
