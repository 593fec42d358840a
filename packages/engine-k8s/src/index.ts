export type { ClusterAccess, ClusterCredentials } from './cluster/cluster-access.ts';
export { createKubernetesEngine } from './create-kubernetes-engine.ts';
export type { JobResourceAmounts, JobSettings, PodHardening } from './job/job-settings.ts';
export type { Toleration } from './job/pod-template.ts';
export type { KubernetesEngineOptions } from './kubernetes-engine-options.ts';
