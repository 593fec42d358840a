import type {
  Config,
  ContainerEngine,
  NetworkPreset,
  PullPolicy,
  ResourceRequirements,
  WorkspaceStrategyName,
} from '@recac/engine-core';
import type { WorkspaceChoice } from '@recac/workspace-sync';
import type { LoadEngineOptions } from './load-engine.ts';
import type { SessionListener } from './session-event.ts';

/** What to open. Everything is optional; what is given here wins over the configuration. */
export interface OpenSessionOptions extends LoadEngineOptions {
  /** Complete configuration. Default: `loadConfig` for the process' working directory, environment and home. */
  readonly config?: Config;
  /** An engine to use; it stays the caller's and is not closed. Default: `loadEngine(config)`, closed with the session. */
  readonly engine?: ContainerEngine;
  /** Name of the session. Default: a generated one such as `brave-otter`. */
  readonly name?: string;
  /** Directory of the host to work in. Default: `workspace.path` of the configuration, else the working directory. */
  readonly workspace?: string;
  /** How the workspace gets in. Default: `workspace.strategy` of the configuration. */
  readonly strategy?: WorkspaceStrategyName;
  /** Directory of what this machine remembers of sessions. Default: `$XDG_STATE_HOME/recac`, or `~/.local/state/recac`. */
  readonly stateDirectory?: string;
  /** Image reference. Default: `session.image`, on engines that have images. */
  readonly image?: string;
  /** When the image is pulled. Default: `session.pull`. */
  readonly pullPolicy?: PullPolicy;
  /** Platform of the image. Default: `session.platform`. */
  readonly platform?: string;
  /** Variables of every command, added to those of `session.env`. */
  readonly environmentVariables?: Readonly<Record<string, string>>;
  /** User of every command. Default: `session.user`. */
  readonly user?: string;
  /** Labels of the environment. One more is the session's own: `recac-workspace` names the strategy. Default: none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** CPU and memory. Each amount that is not given is that of `session.resources`, else the engine's. */
  readonly resources?: ResourceRequirements;
  /** Network preset. Default: `session.network`. */
  readonly network?: NetworkPreset;
  /** Longest wait until a command can run, in milliseconds. Default: `session.pendingTimeoutMs`. */
  readonly pendingTimeoutMs?: number;
  /** The environment removes itself when no client showed life for this long, in milliseconds. Default: `session.leaseMs`. */
  readonly leaseMs?: number;
  /** Asked before an upload of more than `workspace.upload_limit`. Default: it is refused, with `RECAC_WORKSPACE_UNAVAILABLE`. */
  readonly confirmUpload?: WorkspaceChoice['confirmUpload'];
  /** Called with everything that happens. */
  readonly onEvent?: SessionListener;
  /** Cancels the opening; what was started is stopped again. Has no effect once the session is open. */
  readonly signal?: AbortSignal;
}

/** Tells a bare `Config` from options. */
export function toOpenSessionOptions(input: OpenSessionOptions | Config): OpenSessionOptions {
  return 'runner' in input ? { config: input } : input;
}
