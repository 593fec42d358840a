export { testImages } from '@recac/e2e-images';
export { describeDocker, describeOwnDaemon, type TestDaemon } from './describe-docker.ts';
export { missingForDaemon } from './missing-parts.ts';
export { type DaemonOptions, type RunningDaemon, startDaemon } from './start-daemon.ts';
