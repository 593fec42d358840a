export { testImages } from '@recac/e2e-images';
export { installBuildx } from './buildx-plugin.ts';
export {
  describeBuildx,
  describeDocker,
  describeOwnDaemon,
  describePodman,
  type TestDaemon,
} from './describe-docker.ts';
export { missingForDaemon } from './missing-parts.ts';
export { type DaemonOptions, type RunningDaemon, startDaemon } from './start-daemon.ts';
export { type RunningPodman, startPodman } from './start-podman.ts';
