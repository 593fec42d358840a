import {
  type Config,
  type ContainerEngine,
  type EnvironmentSpec,
  invalidArgument,
  type ResourceRequirements,
  type SessionConfig,
  validateSessionId,
  type WorkspaceMount,
  type WorkspaceStrategyName,
} from '@recac/engine-core';
import { toSessionMount } from '@recac/workspace-sync';
import type { OpenSessionOptions } from './open-session-options.ts';
import { withoutUndefined } from './without-undefined.ts';
import { workspaceLabel } from './workspace-label.ts';

/** What an environment is started from. */
export interface SpecSources {
  /** What the caller asked for; wins. */
  readonly options: OpenSessionOptions;
  /** What the configuration says. */
  readonly config: Config;
  /** Whose capabilities count. */
  readonly engine: Pick<ContainerEngine, 'backend' | 'capabilities'>;
  /** Name of the session. */
  readonly name: string;
  /** What the workspace strategy prepared. */
  readonly workspace: WorkspaceMount;
  /** That strategy. */
  readonly strategy: WorkspaceStrategyName;
}

/** The spec to start, without I/O. A setting that only the configuration makes is left out where the engine has no use for it; see {@link findUnusedSettings}. */
export function toEnvironmentSpec({
  options,
  config,
  engine,
  name,
  workspace,
  strategy,
}: SpecSources): EnvironmentSpec {
  validateSessionId(name, 'session name');
  const defaults = config.session;
  const imageDefaults: Partial<SessionConfig> = engine.capabilities.images ? defaults : {};
  return withoutUndefined({
    sessionId: name,
    workspace: toStoredMount(toSessionMount(workspace, name), config, engine),
    image: options.image ?? imageDefaults.image,
    pullPolicy: options.pullPolicy ?? imageDefaults.pull,
    platform: options.platform ?? imageDefaults.platform,
    environmentVariables: { ...defaults.env, ...options.environmentVariables },
    user: options.user ?? defaults.user,
    labels: { ...options.labels, [workspaceLabel]: strategy },
    resources: mergeResources(defaults.resources, options.resources),
    network: options.network ?? defaults.network,
    pendingTimeoutMs: options.pendingTimeoutMs ?? defaults.pendingTimeoutMs,
    leaseMs: options.leaseMs ?? defaults.leaseMs,
  });
}

/** Refuses a session without an image on an engine that needs one, before anything is prepared for it. Errors: `RECAC_INVALID_ARGUMENT`. */
export function requireImage({ options, config, engine }: Pick<SpecSources, 'options' | 'config' | 'engine'>): void {
  if (!engine.capabilities.images || (options.image ?? config.session.image)) return;
  const nextStep = 'Name one that has what the command needs, with --image or session.image, such as node:24.';
  throw invalidArgument('session.image', `is required on the ${engine.backend} engine`, nextStep);
}

/** A scratch directory on a volume of its own, or a claim that is made where it is missing, where the configuration gives a size and the engine can. */
function toStoredMount(mount: WorkspaceMount, { kubernetes }: Config, engine: SpecSources['engine']): WorkspaceMount {
  const { pvcSize: size, pvcStorageClass: storageClass } = kubernetes;
  const canBe = mount.type === 'scratch' || mount.type === 'persistentVolumeClaim';
  const isStored = canBe && engine.capabilities.persistentVolumeClaimMount && size !== undefined;
  return isStored ? { ...mount, storage: withoutUndefined({ size, storageClass }) } : mount;
}

/** Amount by amount, so that a limit of the CPU alone leaves the configured one of memory in force. */
function mergeResources(
  configured: ResourceRequirements | undefined,
  asked: ResourceRequirements | undefined,
): ResourceRequirements | undefined {
  if (configured === undefined || asked === undefined) return asked ?? configured;
  const requests = { ...configured.requests, ...asked.requests };
  const limits = { ...configured.limits, ...asked.limits };
  return { requests, limits };
}

/** One sentence for each setting of the configuration that this engine has no use for. Limits and networks are no such settings: they protect. */
export function findUnusedSettings({
  options,
  config,
  engine,
}: Pick<SpecSources, 'options' | 'config' | 'engine'>): readonly string[] {
  if (engine.capabilities.images) return [];
  const { image, pull, platform } = config.session;
  const settings = [
    ['session.image', options.image === undefined ? image : undefined],
    ['session.pull', options.pullPolicy === undefined ? pull : undefined],
    ['session.platform', options.platform === undefined ? platform : undefined],
  ];
  return settings
    .filter(([, value]) => value !== undefined)
    .map(([setting, value]) => `${setting} (${value}) is not used: the ${engine.backend} engine has no images`);
}
