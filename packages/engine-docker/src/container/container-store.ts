import type { EnvironmentStatus } from '@recac/engine-core';
import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { toStatus } from '../daemon/daemon-error.ts';
import { estimateDaemonTime } from '../daemon/daemon-time.ts';
import { fromLabels, toLabelFilter } from './container-labels.ts';
import { fromInspect, fromList } from './container-status.ts';
import { type GivenUpContainer, removeGivenUp } from './remove-given-up.ts';
import { isStale, mayBeStale } from './stale-container.ts';

/** An environment as the daemon shows it. */
export interface StoredContainer {
  /** How it is. */
  readonly status: EnvironmentStatus;
  /** Id of the network that is its own, where it has one. */
  readonly ownNetwork?: string;
  /** The volume that its workspace would outlive it in, where there is one. */
  readonly keptVolume?: string;
}

const containerId = /^[0-9a-f]{64}$/;

/** True for what can be the id of an environment. The daemon itself would also take a name, or the beginning of an id. */
export function isContainerId(id: string): boolean {
  return containerId.test(id);
}

/** Reads one environment; undefined when there is none with this id, or it is not ours. */
export async function readContainer(
  client: DaemonClient,
  id: string,
  signal: AbortSignal,
): Promise<StoredContainer | undefined> {
  if (!isContainerId(id)) return undefined;
  try {
    const found = await client.call(
      'looking at the environment',
      (abortSignal) => client.docker.getContainer(id).inspect({ abortSignal }),
      { signal, idempotent: true },
    );
    return toStored(found);
  } catch (error) {
    if (toStatus(error) === 404) return undefined;
    throw error;
  }
}

/** What a list is made with. */
export interface ListContext {
  /** Cancels it. */
  readonly signal: AbortSignal;
  /** Called with each removal of an environment that was given up. */
  readonly onStale: (removing: Promise<void>) => void;
}

/** Reads all environments of ours, or that of a session, oldest first. Those that were given up are removed on the way. */
export async function listContainers(
  client: DaemonClient,
  sessionId: string | undefined,
  { signal, onStale }: ListContext,
): Promise<readonly EnvironmentStatus[]> {
  const found = await client.call(
    'listing the environments',
    (abortSignal) =>
      client.docker.listContainers({ all: true, filters: { label: toLabelFilter(sessionId) }, abortSignal }),
    { signal, idempotent: true },
  );
  const nowMs = found.some(({ State }) => mayBeStale(State)) ? await estimateDaemonTime(client, signal) : 0;
  const statuses: EnvironmentStatus[] = [];
  for (const info of found.reverse()) {
    const status = fromList(info);
    if (!status) continue;
    if (isStale({ state: info.State, createdSeconds: info.Created }, nowMs))
      onStale(removeGivenUp(client, toGivenUp(info)));
    else statuses.push(status);
  }
  return statuses;
}

function toGivenUp({ Id: id, State: state, Labels: labels, Names: names }: ContainerInfo): GivenUpContainer {
  return { id, state, keptVolume: fromLabels({ labels, names })?.keptVolume };
}

function toStored(found: ContainerInspectInfo): StoredContainer | undefined {
  const status = fromInspect(found);
  const { keptVolume, ownNetwork } = fromLabels({ labels: found.Config?.Labels, names: [found.Name] }) ?? {};
  return (
    status && {
      status,
      ...(ownNetwork === undefined ? {} : { ownNetwork }),
      ...(keptVolume === undefined ? {} : { keptVolume }),
    }
  );
}
