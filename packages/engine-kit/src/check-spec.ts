import {
  type CapabilityName,
  type EngineCapabilities,
  type EnvironmentSpec,
  invalidArgument,
  unsupportedCapability,
  validateDurationMs,
  validateEnvironmentVariables,
  validateLabels,
  validateSessionId,
  validateUser,
} from '@recac/engine-core';

const nextSteps: Partial<Record<CapabilityName, string>> = {
  images: 'Leave the image out, or use an engine that runs images.',
  resourceLimits: 'Leave the resources out, or use an engine that can limit them.',
  networkPresets: "Leave the network out or say 'open', or use an engine that can separate it.",
  bindMount: 'Use another workspace strategy.',
  persistentVolumeClaimMount: 'Use another workspace strategy.',
  keptWorkspaces: 'Leave workspace.outlives out.',
};

/** Refuses a specification that breaks a rule, or asks for what the engine cannot do, before anything is created. */
export function checkSpec(backend: string, capabilities: EngineCapabilities, spec: EnvironmentSpec): void {
  validateSessionId(spec.sessionId);
  validateEnvironmentVariables(spec.environmentVariables ?? {});
  validateLabels(spec.labels ?? {});
  if (spec.user !== undefined) validateUser(spec.user);
  if (spec.pendingTimeoutMs !== undefined)
    validateDurationMs(spec.pendingTimeoutMs, 'pendingTimeoutMs', { minimumMs: 1 });
  if (spec.leaseMs !== undefined) validateDurationMs(spec.leaseMs, 'leaseMs', { minimumMs: 1_000 });
  for (const capability of neededCapabilities(spec)) {
    if (!capabilities[capability]) throw unsupportedCapability(backend, capability, nextSteps[capability] ?? '');
  }
  if (capabilities.images && !spec.image) throw invalidArgument('image', 'is required', 'Name the image to start.');
}

function neededCapabilities(spec: EnvironmentSpec): readonly CapabilityName[] {
  const needed: CapabilityName[] = [];
  if (spec.image !== undefined || spec.pullPolicy !== undefined || spec.platform !== undefined) needed.push('images');
  if (spec.resources !== undefined) needed.push('resourceLimits');
  if (spec.network !== undefined && spec.network !== 'open') needed.push('networkPresets');
  const { workspace } = spec;
  if (workspace?.type === 'kept' || (workspace?.type === 'scratch' && workspace.outlives))
    needed.push('keptWorkspaces');
  if (workspace?.type === 'bind') needed.push('bindMount');
  const isSeeded = workspace !== undefined && 'seed' in workspace && workspace.seed !== undefined;
  const isStored = workspace?.type === 'scratch' && workspace.storage !== undefined;
  if (workspace?.type === 'persistentVolumeClaim' || isSeeded || isStored) needed.push('persistentVolumeClaimMount');
  if (spec.user !== undefined) needed.push('execAsUser');
  return needed;
}
