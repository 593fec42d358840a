import type { EngineCapabilities } from '@recac/engine-core';

/** What environments on Kubernetes can do. */
export const kubernetesCapabilities: EngineCapabilities = {
  isolation: 'container',
  durableExec: true,
  escapeeSweep: true,
  execAsUser: true,
  terminal: true,
  images: true,
  listImages: false,
  buildImage: false,
  renderEnvironment: true,
  openPort: true,
  resourceLimits: true,
  networkPresets: true,
  bindMount: true,
  persistentVolumeClaimMount: true,
  keptWorkspaces: false,
};
