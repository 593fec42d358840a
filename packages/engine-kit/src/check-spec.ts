import {
  type EngineCapabilities,
  type EnvironmentSpec,
  invalidArgument,
  type NetworkPreset,
  type PullPolicy,
  parseImageReference,
  unsupportedCapability,
  validateDurationMs,
  validateEnvironmentVariables,
  validateLabels,
  validatePlatform,
  validateSessionId,
  validateUser,
  type WorkspaceMount,
} from '@recac/engine-core';
import { checkChoice } from './check-choice.ts';
import { checkResources } from './check-resources.ts';

/** What a specification can ask of an engine, and what to do where it cannot. */
const nextSteps = {
  execAsUser: 'Leave the user out to run as the user of the environment.',
  images: 'Leave the image out, or use an engine that runs images.',
  resourceLimits: 'Leave the resources out, or use an engine that can limit them.',
  networkPresets: "Leave the network out or say 'open', or use an engine that can separate it.",
  bindMount: 'Use another workspace strategy.',
  persistentVolumeClaimMount: 'Use another workspace strategy.',
  keptWorkspaces: 'Leave workspace.outlives out.',
};
type NeededCapability = keyof typeof nextSteps;

const networkPresets: readonly NetworkPreset[] = ['none', 'internet', 'open'];
const pullPolicies: readonly PullPolicy[] = ['if-missing', 'always', 'never'];
const workspaceTypes: readonly WorkspaceMount['type'][] = ['scratch', 'bind', 'kept', 'persistentVolumeClaim'];
const imageId = /^(sha256:)?[0-9a-f]{64}$/;

/** Refuses a specification that breaks a rule, or asks for what the engine cannot do, before anything is created. */
export function checkSpec(backend: string, capabilities: EngineCapabilities, spec: EnvironmentSpec): void {
  validateSessionId(spec.sessionId);
  validateEnvironmentVariables(spec.environmentVariables ?? {});
  validateLabels(spec.labels ?? {});
  if (spec.user !== undefined) validateUser(spec.user);
  if (spec.pendingTimeoutMs !== undefined)
    validateDurationMs(spec.pendingTimeoutMs, 'pendingTimeoutMs', { minimumMs: 1 });
  if (spec.leaseMs !== undefined) validateDurationMs(spec.leaseMs, 'leaseMs', { minimumMs: 1_000 });
  if (spec.network !== undefined) checkChoice(spec.network, networkPresets, 'network');
  if (spec.pullPolicy !== undefined) checkChoice(spec.pullPolicy, pullPolicies, 'pullPolicy');
  if (spec.platform !== undefined) validatePlatform(spec.platform);
  if (spec.resources !== undefined) checkResources(spec.resources);
  if (spec.workspace !== undefined) checkChoice(spec.workspace.type, workspaceTypes, 'workspace.type');
  for (const capability of neededCapabilities(spec)) {
    if (!capabilities[capability]) throw unsupportedCapability(backend, capability, nextSteps[capability]);
  }
  if (capabilities.images) checkImage(spec.image);
}

function checkImage(image: string | undefined): void {
  if (!image) throw invalidArgument('image', 'is required', 'Name the image to start.');
  if (!imageId.test(image)) parseImageReference(image);
}

function neededCapabilities(spec: EnvironmentSpec): readonly NeededCapability[] {
  const needed: NeededCapability[] = [];
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
