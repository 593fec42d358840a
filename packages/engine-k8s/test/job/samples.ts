import type { Job } from '../../src/job/job-object.ts';
import { toJob } from '../../src/job/job-plan.ts';
import type { JobFacts } from '../../src/job/job-settings.ts';
import type { KubernetesEvent } from '../../src/job/kubernetes-event.ts';
import type { ContainerState, ContainerStatus, Pod } from '../../src/job/pod.ts';
import type { Evidence } from '../../src/job/start-failure.ts';

export const facts: JobFacts = {
  attempt: 'attempt-1',
  owner: 'me@machine',
  createdAt: new Date('2026-11-24T08:00:00Z'),
  version: '0.1.0',
};

/** The Job as it was planned. */
export const planned = toJob(
  { sessionId: 'Fix Login', image: 'node:24', leaseMs: 60_000, labels: { team: 'web' } },
  { namespace: 'agents' },
  facts,
).job;

/** A Job as the API server shows it after it was created. */
export function aJob(status: Job['status'] = {}, metadata: Partial<Job['metadata']> = {}): Job {
  return {
    metadata: {
      ...planned.metadata,
      uid: '0c8d1f0e-0000-4000-8000-000000000001',
      creationTimestamp: '2026-11-24T08:00:01Z',
      ...metadata,
    },
    status,
  };
}

/** A pod of that Job, on a node unless told otherwise. */
export function aPod(status: Pod['status'] = {}, change: Partial<Pod> = {}): Pod {
  return {
    metadata: {
      name: `${planned.metadata.name}-x7k2p`,
      namespace: 'agents',
      uid: 'b0000000-0000-4000-8000-000000000002',
      creationTimestamp: '2026-11-24T08:00:01Z',
      labels: planned.metadata.labels,
      annotations: planned.metadata.annotations,
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'Job', name: planned.metadata.name, uid: aJobUid, controller: true },
      ],
    },
    spec: { nodeName: 'node-1', containers: [{ name: 'agent' }] },
    status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True' }], ...status },
    ...change,
  };
}

const aJobUid = '0c8d1f0e-0000-4000-8000-000000000001';

/** The status of our container. */
export function anAgent(state: ContainerState, change: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name: 'agent', state, lastState: {}, restartCount: 0, image: 'node:24', imageID: '', ...change };
}

/** Evidence with nothing wrong, changed as told. */
export function evidence(change: Partial<Evidence> = {}): Evidence {
  return { job: aJob(), jobEvents: [], podEvents: [], ...change };
}

/** An event. */
export function anEvent(reason: string, message: string, at = '2026-11-24T08:00:02Z'): KubernetesEvent {
  return { reason, message, type: 'Warning', count: 1, lastTimestamp: at };
}

/** Evidence of a pod whose container waits. */
export function waiting(reason: string, message: string, change: Partial<Evidence> = {}): Evidence {
  return evidence({ pod: aPod({ containerStatuses: [anAgent({ waiting: { reason, message } })] }), ...change });
}

/** Evidence of a pod whose container ended. */
export function terminated(end: NonNullable<ContainerState['terminated']>, change: Partial<Pod> = {}): Evidence {
  return evidence({ pod: aPod({ phase: 'Failed', containerStatuses: [anAgent({ terminated: end })] }, change) });
}
