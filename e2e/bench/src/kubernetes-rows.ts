import type { BenchmarkRow } from './benchmark-row.ts';
import { idleRequests } from './rows/kubernetes/idle-requests.ts';
import { jobStart } from './rows/kubernetes/job-start.ts';
import { kubernetesExecRoundTrip } from './rows/kubernetes/kubernetes-exec-round-trip.ts';
import { kubernetesExecThroughput } from './rows/kubernetes/kubernetes-exec-throughput.ts';
import { kubernetesLargeOutput } from './rows/kubernetes/kubernetes-large-output.ts';
import { kubernetesUpload } from './rows/kubernetes/kubernetes-upload.ts';
import { manyJobs } from './rows/kubernetes/many-jobs.ts';
import { watchMemory } from './rows/kubernetes/watch-memory.ts';

/** The rows that need a Kubernetes cluster. */
export const kubernetesRows: readonly BenchmarkRow[] = [
  jobStart,
  kubernetesExecRoundTrip,
  kubernetesExecThroughput,
  kubernetesLargeOutput,
  idleRequests,
  watchMemory,
  manyJobs,
  kubernetesUpload,
];
