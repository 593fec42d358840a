import type { ErrorCode, StartPhase } from '@recac/engine-core';
import type { Job } from './job-object.ts';
import type { KubernetesEvent } from './kubernetes-event.ts';
import type { Pod } from './pod.ts';

/** What the cluster shows of an environment; nothing else decides why it does not run. */
export interface Evidence {
  /** The Job; undefined when it is gone. */
  readonly job?: Job;
  /** Events of the Job. */
  readonly jobEvents: readonly KubernetesEvent[];
  /** Events may not be read: that there are none says nothing. Default: false. */
  readonly areEventsHidden?: boolean;
  /** The pod; undefined when none was seen yet. The last one seen when it is gone. */
  readonly pod?: Pod;
  /** The pod was seen and does not exist any more. Default: false. */
  readonly podIsGone?: boolean;
  /** Events of the pod. */
  readonly podEvents: readonly KubernetesEvent[];
  /** Last lines that our container printed, where they were read. */
  readonly logTail?: string;
}

/** Why an environment does not run. */
export interface StartFailure {
  /** Step of the start that it belongs to. */
  readonly phase: StartPhase;
  /** Stable word, such as `QuotaExceeded` or `ImageNotFound`. */
  readonly reason: string;
  /** What is wrong and the next step, in sentences fit for people. */
  readonly message: string;
  /** Code of the error to throw when it is not waited for any longer. */
  readonly code: ErrorCode;
  /** Waiting cannot help: fail now. */
  readonly isFinal: boolean;
  /** When not final: how long it may last, in milliseconds, from when it was seen first; time in which nothing is wrong does not count. Absent: until the pending limit. */
  readonly graceMs?: number;
  /** The cluster's own words that it was read from. */
  readonly evidence: readonly string[];
}
