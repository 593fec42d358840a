import type { ObjectMetadata } from '../api/object-metadata.ts';
import type { PodTemplate } from './pod-template.ts';

/** A condition of a Job or Pod. */
export interface Condition {
  /** What it is about, such as `PodScheduled` or `Failed`. */
  readonly type: string;
  /** Whether it holds. */
  readonly status: 'True' | 'False' | 'Unknown';
  /** Kubernetes' word for the cause. */
  readonly reason?: string;
  /** The cause in words. */
  readonly message?: string;
}

/** Points at the object that owns another and takes it along when it is deleted. */
export interface OwnerReference {
  /** API version of the owner. */
  readonly apiVersion: string;
  /** Kind of the owner. */
  readonly kind: string;
  /** Name of the owner. */
  readonly name: string;
  /** Identity of the owner. */
  readonly uid: string;
  /** True for the controller that manages the object. */
  readonly controller?: boolean;
  /** Always false for what we make: otherwise rights on finalizers are needed. */
  readonly blockOwnerDeletion?: boolean;
}

/** What names an object that we create. */
export interface NewMetadata {
  /** Name. */
  readonly name: string;
  /** Namespace. */
  readonly namespace: string;
  /** Labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Annotations. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Owners. Default: none. */
  readonly ownerReferences?: readonly OwnerReference[];
}

/** A Job as we create it. */
export interface NewJob {
  /** Always `batch/v1`. */
  readonly apiVersion: 'batch/v1';
  /** Always `Job`. */
  readonly kind: 'Job';
  /** Name, labels, annotations. */
  readonly metadata: NewMetadata;
  /** What to run. */
  readonly spec: NewJobSpec;
}

/** The specification of a Job as we create it; fields as in batch/v1. */
export interface NewJobSpec {
  /** Always 1. */
  readonly parallelism: 1;
  /** Always 1. */
  readonly completions: 1;
  /** 0, so that a pod that failed is never replaced; more only where containers may restart. */
  readonly backoffLimit: number;
  /** Always `Failed`: never two pods at a time. */
  readonly podReplacementPolicy: 'Failed';
  /** Seconds after which a finished Job removes itself. */
  readonly ttlSecondsAfterFinished: number;
  /** Longest life in seconds, pending time included; that of the start until a shell has answered. Default: none. */
  readonly activeDeadlineSeconds?: number;
  /** The pod. */
  readonly template: PodTemplate;
}

/** A Job as the API server shows it; only what we read. */
export interface Job {
  /** Name, identity, labels, annotations. */
  readonly metadata: ObjectMetadata;
  /** How it is. */
  readonly status?: {
    /** `Complete`, `Failed`, `FailureTarget`, `Suspended`. */
    readonly conditions?: readonly Condition[];
    /** Pods that failed. */
    readonly failed?: number;
  };
}

/** The condition of a type when it holds. */
export function findTrue(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type && condition.status === 'True');
}
