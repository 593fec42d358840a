import { delay } from '@recac/engine-kit';
import { toApiStatus } from '../api/api-error.ts';
import type { Pod } from '../job/pod.ts';
import { type ClusterNamespace, controllerLabel, podPath } from './cluster-namespace.ts';

/** A change of the pod of a Job. */
export interface PodChange {
  /** The pod after the change, or as last seen. */
  readonly pod: Pod;
  /** It does not exist any more. */
  readonly isGone: boolean;
}

const longestPauseMs = 2_000;

/**
 * The pod of one Job as it is and whenever it changes, until the signal fires. One request: a watch without a version begins with what exists (Kubernetes API
 * concepts, "get state and start at any"), so a watch that breaks is simply opened again.
 */
export async function* watchPod(
  { client, namespace }: ClusterNamespace,
  jobUid: string,
  signal: AbortSignal,
): AsyncGenerator<PodChange, void, void> {
  for (let pauseMs = 50; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      const query = { watch: 'true', labelSelector: `${controllerLabel}=${jobUid}` };
      for await (const line of client.lines({ method: 'GET', path: podPath(namespace), query, signal })) {
        const change = readChange(line);
        if (change === undefined) break;
        pauseMs = 50;
        yield change;
      }
    } catch (error) {
      if (signal.aborted) return;
      const status = toApiStatus(error);
      if (status === 401 || status === 403) throw error;
    }
    await delay(pauseMs, signal);
  }
}

/** Undefined for what is no change, such as an error in the stream: the watch has to be opened again. */
function readChange(line: string): PodChange | undefined {
  const { type, object } = parse(line) ?? {};
  if (object === undefined || (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED')) return undefined;
  return { pod: object, isGone: type === 'DELETED' };
}

function parse(line: string): { readonly type?: string; readonly object?: Pod } | undefined {
  try {
    return JSON.parse(line) as { type?: string; object?: Pod };
  } catch {
    return undefined;
  }
}
