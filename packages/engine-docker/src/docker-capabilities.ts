import type { EngineCapabilities } from '@recac/engine-core';

/** What environments on a Docker daemon can do. */
export const dockerCapabilities: EngineCapabilities = {
  isolation: 'container',
  durableExec: true,
  escapeeSweep: true,
  execAsUser: true,
  terminal: true,
  images: true,
  listImages: true,
  buildImage: true,
  renderEnvironment: false,
  openPort: true,
  resourceLimits: true,
  networkPresets: true,
  bindMount: true,
  persistentVolumeClaimMount: false,
  keptWorkspaces: true,
};
