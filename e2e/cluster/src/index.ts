export { type ApiCall, callApi, openCall, readConnection } from './cluster-connection.ts';
export type { ComponentName } from './components.ts';
export { describeCluster, type TestCluster } from './describe-cluster.ts';
export { type ClusterOptions, type RunningCluster, startCluster } from './start-cluster.ts';
export { type ClaimOptions, makeClaim } from './storage/make-claim.ts';
export type { AccessMode } from './storage/persistent-volume.ts';
export { makeStaticVolume, type StaticVolume, type StaticVolumeOptions } from './storage/static-volume.ts';
export { type MinorVersion, parseVersion } from './versions.ts';
