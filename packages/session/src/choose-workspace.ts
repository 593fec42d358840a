import type { Config, ContainerEngine, Environment, LocalCluster } from '@recac/engine-core';
import { type ChosenWorkspace, selectWorkspaceStrategy, toBasePath } from '@recac/workspace-sync';
import type { OpenSessionOptions } from './open-session-options.ts';
import type { SessionListener } from './session-event.ts';
import { withoutUndefined } from './without-undefined.ts';

/** What a session is opened in. */
export interface Surroundings {
  /** The configuration. */
  readonly config: Config;
  /** What the caller asked for; wins. */
  readonly options: OpenSessionOptions;
  /** The engine. */
  readonly engine: ContainerEngine;
  /** Told what happens. */
  readonly emit: SessionListener;
  /** Directory of what this machine remembers of sessions. */
  readonly stateDirectory: string;
  /** What the engine's endpoint looks like. Default: no cluster on this machine. */
  readonly localCluster?: LocalCluster;
}

/** The workspace strategy of a session. Errors: those of `selectWorkspaceStrategy`. */
export function chooseWorkspace({
  config,
  options,
  engine,
  emit,
  stateDirectory,
  localCluster,
}: Surroundings): Promise<ChosenWorkspace> {
  const { workspace, kubernetes } = config;
  const choice = withoutUndefined({
    strategy: options.strategy ?? workspace.strategy,
    path: options.workspace ?? workspace.path ?? '.',
    include: workspace.include,
    exclude: workspace.exclude,
    history: workspace.history,
    remote: workspace.remote,
    branch: workspace.branch,
    uploadLimitBytes: workspace.uploadLimitBytes,
    confirmUpload: options.confirmUpload,
    claimName: kubernetes.pvcName,
    gitSecret: kubernetes.gitSecret,
    localCluster,
    stateDirectory,
    toBasePath: (environment: Environment) => toBasePath(stateDirectory, environment),
    onNotice: (message: string) => emit({ type: 'notice', message }),
  });
  return selectWorkspaceStrategy(choice, engine);
}
