import type { BenchmarkRow } from './benchmark-row.ts';
import { cliRun } from './rows/docker/cli-run.ts';
import { coldStart } from './rows/docker/cold-start.ts';
import { daemonCalls } from './rows/docker/daemon-calls.ts';
import { dockerExecRoundTrip } from './rows/docker/docker-exec-round-trip.ts';
import { dockerExecThroughput } from './rows/docker/docker-exec-throughput.ts';
import { dockerLargeOutput } from './rows/docker/docker-large-output.ts';
import { dockerRemoval } from './rows/docker/docker-removal.ts';
import { exactOutput } from './rows/docker/exact-output.ts';
import { idleEnvironments } from './rows/docker/idle-environments.ts';
import { manyCycles } from './rows/docker/many-cycles.ts';
import { manyEnvironments } from './rows/docker/many-environments.ts';
import { workspaceRepository } from './rows/docker/workspace-repository.ts';
import { workspaceResync } from './rows/docker/workspace-resync.ts';
import { workspaceUpload } from './rows/docker/workspace-upload.ts';

/** The rows that need a Docker daemon. */
export const dockerRows: readonly BenchmarkRow[] = [
  coldStart,
  daemonCalls,
  dockerExecRoundTrip,
  dockerExecThroughput,
  exactOutput,
  dockerLargeOutput,
  manyEnvironments,
  idleEnvironments,
  dockerRemoval,
  workspaceUpload,
  workspaceResync,
  workspaceRepository,
  cliRun,
  manyCycles,
];
