import { RecacError } from '@recac/engine-core';
import { environmentNotFound } from '@recac/engine-kit';
import { toApiStatus } from '../api/api-error.ts';
import { toServerWords } from '../api/server-words.ts';
import type { PodAddress } from '../exec/open-pod-process.ts';
import { readEnd, readOutsideEnd, readTerminated } from '../job/end-cause.ts';
import { findAgent, hasEnded, type Pod } from '../job/pod.ts';
import { readRestart } from '../job/restart.ts';
import { readSilentNode } from '../job/silent-node.ts';
import { type ClusterNamespace, podPath } from './cluster-namespace.ts';

const lookDeadlineMs = 10_000;

/**
 * What an error says of an environment, since only the API server can say that one is gone. A node whose kubelet has just started knows none of its pods for some seconds, and
 * answers "not found" for those that run; one that died answers nothing, and a pod that the cluster has given up is as good as gone, though nobody confirms its end. Gives the
 * error, or what the pod makes of it.
 */
export async function confirmGone({ client }: ClusterNamespace, address: PodAddress, error: unknown): Promise<unknown> {
  if (!RecacError.isInstance(error) || error.details.reason === 'ContainerRestarted') return error;
  const isUnknown = error.code === 'RECAC_ENVIRONMENT_NOT_FOUND';
  if (!isUnknown && error.code !== 'RECAC_EXEC_FAILED' && error.code !== 'RECAC_ENGINE_UNAVAILABLE') return error;
  const { namespace, pod, environmentId } = address;
  const path = podPath(namespace, pod);
  try {
    const found = await client.request<Pod>({ method: 'GET', path, signal: AbortSignal.timeout(lookDeadlineMs) });
    return isUnknown ? notKnown(found, error) : notReached(found, environmentId, error);
  } catch (cause) {
    if (toApiStatus(cause) === 404) return isUnknown ? error : environmentNotFound(environmentId);
    return isUnknown ? notKnown({ metadata: { name: pod, uid: '' }, status: { phase: 'Running' } }, error) : error;
  }
}

/** A pod may be `Pending` for a second after its container ran, and was killed: the kubelet tells of both later. */
function notKnown(pod: Pod, error: RecacError): RecacError {
  if (isEnding(pod) || hasEnded(pod)) return withCause(pod, error);
  const { name } = pod.metadata;
  const { message: words } = error.details;
  const said = words === undefined ? '' : ` (${toServerWords(String(words)).replace(/[.\s]+$/, '')})`;
  const message = `the node of pod ${name} does not know it, though it has not ended${said}: its kubelet may just have been started, or a proxy on the way may not carry exec. Try again.`;
  return new RecacError('RECAC_EXEC_FAILED', message, { cause: error, details: { reason: 'ExecFailed', pod: name } });
}

/** A container that ended, or that is started again, is not the one that is asked for. */
function isEnding(pod: Pod): boolean {
  if (pod.metadata.deletionTimestamp !== undefined || readRestart(undefined, pod) !== undefined) return true;
  return readTerminated(findAgent(pod)) !== undefined;
}

/** The same error with why the pod ended; one that somebody deletes says no more than that it is gone. */
function withCause(pod: Pod, error: RecacError): RecacError {
  const { reason, message } = readEnd({ pod }) ?? {};
  if (reason === undefined || reason === 'DeletedByOthers') return error;
  return new RecacError(error.code, `${message}. Start another environment.`, {
    cause: error,
    details: { ...error.details, reason, cause: message },
  });
}

function notReached(pod: Pod, environmentId: string, error: RecacError): RecacError {
  if (readOutsideEnd({ pod })) return environmentNotFound(environmentId);
  const silence = readSilentNode(pod);
  if (silence === undefined) return isEnding(pod) ? withCause(pod, environmentNotFound(environmentId)) : error;
  const { reason, message } = silence;
  return new RecacError(
    'RECAC_EXEC_FAILED',
    `${message}: nothing can be run until it does. Wait, or stop the session.`,
    {
      cause: error,
      details: { reason, pod: pod.metadata.name, node: pod.spec?.nodeName },
    },
  );
}
