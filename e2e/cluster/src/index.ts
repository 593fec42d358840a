export { buildProgram } from './build-program.ts';
export type { ComponentName } from './components.ts';
export { missingForCluster } from './missing-parts.ts';
export { type ClusterOptions, type RunningCluster, startCluster } from './start-cluster.ts';
export { stopCluster } from './stop-cluster.ts';
export { type MinorVersion, parseVersion, versions } from './versions.ts';
