import { resolve } from 'node:path';
import type {
  ContainerEngine,
  HarvestReport,
  WorkspaceMount,
  WorkspaceStrategy,
  WorkspaceStrategyName,
} from '@recac/engine-core';
import { resolveBindableDirectory } from './bindable-directory.ts';
import { nothingMoved } from './nothing-moved.ts';
import { proveDirectory } from './prove-directory.ts';

/** What the strategies `bind` and `host-path` need. */
export interface BindOptions {
  /** Engine that the environments run on. */
  readonly engine: ContainerEngine;
  /** Directory of this machine; relative paths count from the working directory. */
  readonly path: string;
  /** The name it was asked for by. Default: `bind`. */
  readonly name?: Extract<WorkspaceStrategyName, 'bind' | 'host-path'>;
  /** Told when files that commands make will belong to another user than the directory. */
  readonly onNotice?: (message: string) => void;
}

/**
 * The strategies `bind` and `host-path`: the environment works in the host's own directory, so there is nothing to push, pull or bring back. `prepare` refuses
 * what {@link resolveBindableDirectory} refuses; the first `push` proves that both sides see the same directory, before any command runs, and its
 * error leaves no file.
 */
export function createBindWorkspace({ engine, path, name = 'bind', onNotice }: BindOptions): WorkspaceStrategy {
  const proved = new Set<string>();
  return {
    name,
    prepare: async () => ({ type: 'bind', hostPath: await resolveBindableDirectory(path) }) satisfies WorkspaceMount,
    push: async (environment, call) => {
      if (proved.has(environment.id)) return nothingMoved;
      const { madeBy, owner } = await proveDirectory(engine, environment, await resolveBindableDirectory(path), call);
      if (madeBy !== owner)
        onNotice?.(
          `files that commands make in ${resolve(path)} will belong to uid ${madeBy}, the directory to uid ${owner}`,
        );
      proved.add(environment.id);
      return nothingMoved;
    },
    pull: async () => nothingMoved,
    harvest: async (): Promise<HarvestReport> => ({ summary: `the work is in ${resolve(path)}` }),
    dispose: async () => {},
  };
}
