import type { BenchmarkRow } from './benchmark-row.ts';
import { coldStart } from './rows/docker/cold-start.ts';
import { dockerExecRoundTrip } from './rows/docker/docker-exec-round-trip.ts';
import { dockerExecThroughput } from './rows/docker/docker-exec-throughput.ts';
import { dockerRemoval } from './rows/docker/docker-removal.ts';

/** The rows that need a Docker daemon. */
export const dockerRows: readonly BenchmarkRow[] = [
  coldStart,
  dockerExecRoundTrip,
  dockerExecThroughput,
  dockerRemoval,
];
