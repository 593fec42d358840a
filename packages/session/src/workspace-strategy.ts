import {
  type ContainerEngine,
  RecacError,
  type WorkspaceStrategy,
  type WorkspaceStrategyName,
} from '@recac/engine-core';
import { createBindWorkspace } from './bind-workspace.ts';
import { createScratchWorkspace } from './scratch-workspace.ts';

/** The strategies that exist today, besides `auto`. */
export const availableStrategies: readonly WorkspaceStrategyName[] = ['bind', 'none'];

/** What a workspace strategy is chosen from. */
export interface WorkspaceChoice {
  /** The strategy asked for. `auto`: `bind` where the engine can. */
  readonly strategy: WorkspaceStrategyName;
  /** Directory of the host. */
  readonly path: string;
}

/**
 * The strategy for an engine. Errors: `RECAC_CAPABILITY_UNSUPPORTED`, naming the strategies that would work, when the strategy does not exist yet or the
 * engine cannot carry it out. Nothing else is ever put in its place.
 */
export function selectWorkspaceStrategy(
  choice: WorkspaceChoice,
  engine: Pick<ContainerEngine, 'backend' | 'capabilities'>,
): WorkspaceStrategy {
  const name = choice.strategy === 'auto' ? 'bind' : choice.strategy;
  if (name === 'none') return createScratchWorkspace();
  if (name === 'bind' && engine.capabilities.bindMount) return createBindWorkspace(choice.path);
  throw unsupportedStrategy(choice.strategy, engine);
}

function unsupportedStrategy(
  strategy: WorkspaceStrategyName,
  engine: Pick<ContainerEngine, 'backend' | 'capabilities'>,
): RecacError {
  const possible = availableStrategies.filter((name) => name !== 'bind' || engine.capabilities.bindMount);
  const message = `the workspace strategy ${strategy} is not available on the ${engine.backend} engine. Use one that is: ${possible.join(', ')} (--sync ${possible[0]}).`;
  return new RecacError('RECAC_CAPABILITY_UNSUPPORTED', message, {
    details: { capability: 'bindMount', strategy, backend: engine.backend, available: possible },
  });
}
