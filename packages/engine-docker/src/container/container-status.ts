import type { EnvironmentPhase, EnvironmentStatus } from '@recac/engine-core';
import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import { type ContainerLabels, fromLabels } from './container-labels.ts';

/** The part of a container that tells its status. */
interface Seen {
  readonly id: string;
  readonly createdSeconds: number;
  readonly state: string;
  readonly reason?: string;
}

/** The status of a container as a list shows it; undefined when it is not ours. */
export function fromList(info: ContainerInfo): EnvironmentStatus | undefined {
  const labels = fromLabels({ labels: info.Labels, names: info.Names });
  return labels && toEnvironmentStatus(labels, { id: info.Id, createdSeconds: info.Created, state: info.State });
}

/** The status of one container; undefined when it is not ours. */
export function fromInspect(info: ContainerInspectInfo): EnvironmentStatus | undefined {
  const labels = fromLabels({ labels: info.Config?.Labels, names: [info.Name] });
  if (!labels || !info.State) return undefined;
  const createdSeconds = Math.floor(new Date(info.Created).getTime() / 1_000);
  const reason = info.State.OOMKilled ? 'OOMKilled' : undefined;
  return toEnvironmentStatus(labels, {
    id: info.Id,
    createdSeconds,
    state: info.State.Status,
    ...(reason === undefined ? {} : { reason }),
  });
}

/** Whole seconds: a list knows no more, and both must say the same. */
function toEnvironmentStatus(labels: ContainerLabels, seen: Seen): EnvironmentStatus {
  const { phase, reason } = toPhase(seen);
  return {
    id: seen.id,
    sessionId: labels.sessionId,
    name: labels.name,
    backend: 'docker',
    workspacePath: labels.workspacePath,
    createdAt: new Date(seen.createdSeconds * 1_000),
    phase,
    ...(reason === undefined ? {} : { reason }),
    labels: labels.callerLabels,
    image: labels.image,
    ...(labels.keptVolume === undefined ? {} : { keptWorkspaceId: labels.keptVolume }),
    ...(labels.leaseMs === undefined ? {} : { leaseMs: labels.leaseMs }),
  };
}

function toPhase({ state, reason }: Seen): { readonly phase: EnvironmentPhase; readonly reason?: string } {
  if (state === 'running') return { phase: 'Running' };
  if (state === 'created' || state === 'configured' || state === 'initialized') return { phase: 'Pending' };
  if (state === 'paused') return { phase: 'Running', reason: 'Paused' };
  if (state === 'removing' || state === 'stopping') return { phase: 'Terminating' };
  if (state === 'exited' || state === 'dead' || state === 'stopped')
    return { phase: 'Failed', reason: reason ?? 'Exited' };
  return { phase: 'Unknown', reason: state };
}
