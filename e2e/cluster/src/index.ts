export type { ComponentName } from './components.ts';
export { describeCluster, type TestCluster } from './describe-cluster.ts';
export { type ClusterOptions, type RunningCluster, startCluster } from './start-cluster.ts';
export { makeStaticVolume, type StaticVolume, type StaticVolumeOptions } from './storage/static-volume.ts';
export { type MinorVersion, parseVersion } from './versions.ts';
