import { labelKeys } from '@recac/engine-core';
import { type ClusterNamespace, eventPath, jobPath, podPath } from '../environment/cluster-namespace.ts';
import { toLabelSelector } from '../job/job-labels.ts';
import type { Job } from '../job/job-object.ts';
import { agentContainerName, type Pod } from '../job/pod.ts';
import { ObjectWatch } from './object-watch.ts';
import { projectEvent, projectJob, projectPod, type WatchedEvent } from './project-objects.ts';

/** Jobs and pods that a label selector finds. */
export interface EnvironmentWatch {
  /** Their Jobs. */
  readonly jobs: ObjectWatch<Job>;
  /** Their pods. */
  readonly pods: ObjectWatch<Pod>;
}

/** What one engine watches in its namespace: whoever needs to know listens to the same watches. */
export class NamespaceWatch {
  /** Warnings of the namespace: the cluster's words for what goes wrong. */
  readonly warnings: ObjectWatch<WatchedEvent>;
  /** Events of the container `agent` of pods, from now on: kubelets write them at once, and the pod's status up to a second later. */
  readonly containerEvents: ObjectWatch<WatchedEvent>;
  readonly #cluster: ClusterNamespace;
  readonly #all: EnvironmentWatch;
  /** Watches of one environment each, by the name of its Job. */
  readonly #single = new Map<string, EnvironmentWatch>();

  constructor(cluster: ClusterNamespace) {
    this.#cluster = cluster;
    this.#all = this.#create(toLabelSelector());
    this.warnings = new ObjectWatch({
      client: cluster.client,
      path: eventPath(cluster.namespace),
      query: { fieldSelector: 'type=Warning' },
      project: projectEvent,
    });
    this.containerEvents = new ObjectWatch({
      client: cluster.client,
      path: eventPath(cluster.namespace),
      query: { fieldSelector: `involvedObject.fieldPath=spec.containers{${agentContainerName}}` },
      project: projectEvent,
      onlyNew: true,
    });
  }

  /** The watch of all environments. */
  get all(): EnvironmentWatch {
    return this.#all;
  }

  /**
   * The watch in which the environment with this name of a Job is: one of its own as long as nobody needs another, so that a client of one environment is not told of thousands;
   * else that of all.
   */
  of(name: string): EnvironmentWatch {
    if (isOpen(this.#all)) return this.#all;
    for (const [other, watch] of this.#single) if (!isOpen(watch) && other !== name) this.#single.delete(other);
    const own = this.#single.get(name);
    if (own) return own;
    if (this.#single.size > 0) return this.#all;
    const created = this.#create(`${toLabelSelector()},${labelKeys.name}=${name}`);
    this.#single.set(name, created);
    return created;
  }

  /** Ends every watch. */
  close(): void {
    for (const { jobs, pods } of [this.#all, ...this.#single.values()]) {
      jobs.close();
      pods.close();
    }
    this.warnings.close();
    this.containerEvents.close();
  }

  #create(labelSelector: string): EnvironmentWatch {
    const { client, namespace } = this.#cluster;
    const query = { labelSelector };
    return {
      jobs: new ObjectWatch({ client, path: jobPath(namespace), query, project: projectJob }),
      pods: new ObjectWatch({ client, path: podPath(namespace), query, project: projectPod }),
    };
  }
}

function isOpen({ jobs, pods }: EnvironmentWatch): boolean {
  return jobs.isOpen || pods.isOpen;
}
