import type { BenchmarkRow } from './benchmark-row.ts';
import { jobStart } from './rows/kubernetes/job-start.ts';
import { kubernetesExecRoundTrip } from './rows/kubernetes/kubernetes-exec-round-trip.ts';

/** The rows that need a Kubernetes cluster. */
export const kubernetesRows: readonly BenchmarkRow[] = [jobStart, kubernetesExecRoundTrip];
