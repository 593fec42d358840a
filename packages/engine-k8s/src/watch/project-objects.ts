import type { ObjectMetadata } from '../api/object-metadata.ts';
import { keepStatusMetadata } from '../job/job-labels.ts';
import type { Condition, Job } from '../job/job-object.ts';
import type { KubernetesEvent } from '../job/kubernetes-event.ts';
import { agentContainerName, type ContainerState, type ContainerStatus, type Pod } from '../job/pod.ts';
import { readSilentNode } from '../job/silent-node.ts';
import type { WatchedObject } from './object-table.ts';

/** An event as it is watched. */
export type WatchedEvent = KubernetesEvent & WatchedObject;

/** What is kept of a Job: identity, what its status is made of, conditions that hold. */
export function projectJob({ metadata, status }: Job): Job {
  const { labels, annotations } = keepStatusMetadata(metadata);
  const conditions = status?.conditions?.filter((condition) => condition.status === 'True').map(projectCondition);
  return {
    metadata: { ...projectMetadata(metadata), labels, annotations },
    status: withoutUndefined({
      conditions: conditions?.length ? conditions : undefined,
      failed: status?.failed || undefined,
    }),
  };
}

/** What is kept of a pod: identity, owner, node, and what tells how it is. */
export function projectPod({ metadata, spec, status }: Pod): Pod {
  const nodeName = spec?.nodeName;
  const others = spec?.containers?.filter(({ name }) => name !== agentContainerName).map(({ name }) => ({ name }));
  const place = withoutUndefined({ nodeName, containers: others?.length ? others : undefined });
  const isSilent = readSilentNode({ metadata, ...(spec && { spec }), ...(status && { status }) }) !== undefined;
  const conditions = status?.conditions
    ?.filter(
      (condition) =>
        isTelling(condition) ||
        (isSilent && isReadiness(condition)) ||
        (status.phase === 'Pending' && isReadyToStart(condition)),
    )
    .map(projectCondition);
  const owners = metadata.ownerReferences?.map(({ apiVersion, kind, name, uid }) => ({ apiVersion, kind, name, uid }));
  return {
    metadata: withoutUndefined({
      ...projectMetadata(metadata),
      ownerReferences: owners,
      // It may outlive its Job, and tells then what that was.
      ...(metadata.deletionTimestamp === undefined ? {} : keepStatusMetadata(metadata)),
    }),
    ...(Object.keys(place).length === 0 ? {} : { spec: place }),
    status: withoutUndefined({
      phase: status?.phase,
      reason: status?.reason,
      message: status?.message,
      conditions: conditions?.length ? conditions : undefined,
      containerStatuses: status?.containerStatuses?.map(projectContainer),
      initContainerStatuses: status?.initContainerStatuses?.map(projectContainer),
    }),
  };
}

/** What is kept of an event: what it is about, and its words. */
export function projectEvent({ metadata, involvedObject, ...event }: WatchedEvent): WatchedEvent {
  const { uid, fieldPath } = involvedObject ?? {};
  const { reason, message, type, count, lastTimestamp, eventTime, series } = event;
  return withoutUndefined({
    metadata: projectMetadata(metadata as ObjectMetadata),
    involvedObject: withoutUndefined({ uid, fieldPath }),
    ...withoutUndefined({ reason, message, type, count, lastTimestamp, eventTime, series }),
  });
}

/** What is kept of the metadata of anything: name, identity, version, and whether it is being deleted. */
export function projectMetadata(metadata: ObjectMetadata): ObjectMetadata {
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, finalizers } = metadata;
  const kept = { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, finalizers };
  return withoutUndefined(kept);
}

/** Once there is a node, that there is one needs no condition. */
function isTelling({ type, status }: Condition): boolean {
  return type === 'DisruptionTarget' || (type === 'PodScheduled' && status !== 'True');
}

/** Volumes and sandbox are there: what failed before has been overcome. */
function isReadyToStart({ type, status }: Condition): boolean {
  return type === 'PodReadyToStartContainers' && status === 'True';
}

/** What tells that a node is silent. */
function isReadiness({ type }: Condition): boolean {
  return type === 'Ready' || type === 'ContainersReady';
}

function projectCondition({ type, status, reason, message }: Condition): Condition {
  return withoutUndefined({ type, status, reason, message });
}

function projectContainer(container: ContainerStatus): ContainerStatus {
  const { name, state, lastState, restartCount, containerID, imageID } = container;
  const isAgent = name === agentContainerName;
  return withoutUndefined({
    name,
    state: projectState(state),
    lastState: lastState?.terminated && projectState(lastState),
    restartCount: restartCount || undefined,
    containerID: containerID || undefined,
    imageID: (isAgent && imageID) || undefined,
  });
}

function projectState(state: ContainerState | undefined): ContainerState | undefined {
  if (state?.waiting) {
    const { reason, message } = state.waiting;
    return { waiting: withoutUndefined({ reason, message }) };
  }
  if (state?.running) return { running: state.running };
  if (!state?.terminated) return undefined;
  const { exitCode, signal, reason, message } = state.terminated;
  return { terminated: withoutUndefined({ exitCode, signal, reason, message }) };
}

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> } & {};

function withoutUndefined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
