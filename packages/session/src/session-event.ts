import type {
  Environment,
  ExecEnd,
  HarvestReport,
  StartEvent,
  TransferReport,
  WorkspaceStrategyName,
} from '@recac/engine-core';

/** Something that happened in the life of a session, in this order: prepare, start, push, exec, harvest, stop. Plain data. */
export type SessionEvent =
  /** The workspace is made ready; `strategy` is the one chosen, never `auto`. */
  | {
      readonly type: 'prepare';
      readonly state: 'started' | 'finished';
      readonly strategy: WorkspaceStrategyName;
      readonly summary: string;
    }
  /** A setting that this engine has no use for was left out, or the name was taken and another is tried. */
  | { readonly type: 'notice'; readonly message: string }
  /** The environment is less protected than it could be, the workspace strategy is another one than was asked for, or a checkpoint failed; and why. */
  | { readonly type: 'warning'; readonly message: string }
  /** A phase of the environment's start; see `StartEvent`. */
  | { readonly type: 'start'; readonly progress: StartEvent }
  /** The files of the workspace are sent; `report` once they are. */
  | { readonly type: 'push'; readonly state: 'started' | 'finished'; readonly report?: TransferReport }
  /** The work was saved while the session goes on. */
  | { readonly type: 'checkpoint'; readonly report: TransferReport }
  /** A command can run now. */
  | { readonly type: 'started'; readonly environment: Environment; readonly elapsedMs: number }
  /** A command runs. */
  | { readonly type: 'exec'; readonly state: 'started'; readonly execId: string; readonly command: readonly string[] }
  /** A command ended, however it ended. */
  | { readonly type: 'exec'; readonly state: 'ended'; readonly execId: string; readonly end: ExecEnd }
  /** The work is brought back before the environment goes; `report` once it is. */
  | { readonly type: 'harvest'; readonly state: 'started' | 'finished'; readonly report?: HarvestReport }
  /** The environment is removed. */
  | { readonly type: 'stop'; readonly state: 'started' | 'finished' };

/** Receives events as they happen. What it throws is ignored: a broken listener never breaks a session. */
export type SessionListener = (event: SessionEvent) => void;

/** A listener that cannot throw, also when there is none. */
export function toSafeListener(listener: SessionListener | undefined): SessionListener {
  return (event) => {
    try {
      listener?.(event);
    } catch {
      // A listener only watches.
    }
  };
}
