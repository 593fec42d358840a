import {
  type Config,
  type ContainerEngine,
  type EnvironmentSpec,
  validateSessionId,
  type WorkspaceMount,
} from '@recac/engine-core';
import type { OpenSessionOptions } from './open-session-options.ts';
import { withoutUndefined } from './without-undefined.ts';

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
}

/** The spec to start, without I/O. A setting that only the configuration makes is left out where the engine has no use for it; see {@link findUnusedSettings}. */
export function toEnvironmentSpec({ options, config, engine, name, workspace }: SpecSources): EnvironmentSpec {
  validateSessionId(name, 'session name');
  const defaults = config.session;
  return withoutUndefined({
    sessionId: name,
    workspace,
    image: options.image ?? (engine.capabilities.images ? defaults.image : undefined),
    environmentVariables: { ...defaults.env, ...options.environmentVariables },
    user: options.user ?? defaults.user,
    labels: options.labels,
    resources: options.resources,
    network: options.network ?? defaults.network,
    pendingTimeoutMs: options.pendingTimeoutMs ?? defaults.pendingTimeoutMs,
    leaseMs: options.leaseMs ?? defaults.leaseMs,
  });
}

/** One sentence for each setting of the configuration that this engine has no use for. */
export function findUnusedSettings({
  options,
  config,
  engine,
}: Pick<SpecSources, 'options' | 'config' | 'engine'>): readonly string[] {
  const image = options.image === undefined ? config.session.image : undefined;
  if (image === undefined || engine.capabilities.images) return [];
  return [`session.image (${image}) is not used: the ${engine.backend} engine has no images`];
}
