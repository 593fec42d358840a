import {
  type ContainerEngine,
  invalidArgument,
  RecacError,
  type WorkspaceStrategy,
  type WorkspaceStrategyName,
} from '@recac/engine-core';
import { createBindWorkspace } from './bind-workspace.ts';
import { createClaimWorkspace } from './claim-workspace.ts';
import { createScratchWorkspace } from './scratch-workspace.ts';

/** The strategies that exist today, besides `auto`. */
export const availableStrategies: readonly WorkspaceStrategyName[] = ['bind', 'pvc', 'none'];

/** What a workspace strategy is chosen from. */
export interface WorkspaceChoice {
  /** The strategy asked for. `auto`: `pvc` where the engine can and a claim is named, else `bind` where it can. */
  readonly strategy: WorkspaceStrategyName;
  /** Directory of the host. */
  readonly path: string;
  /** PersistentVolumeClaim that holds the workspaces. Default: none. */
  readonly claimName?: string;
}

/**
 * The strategy for an engine. Errors: `RECAC_CAPABILITY_UNSUPPORTED`, naming the strategies that would work, when the strategy does not exist yet or the
 * engine cannot carry it out. Nothing else is ever put in its place.
 */
export function selectWorkspaceStrategy(
  choice: WorkspaceChoice,
  engine: Pick<ContainerEngine, 'backend' | 'capabilities'>,
): WorkspaceStrategy {
  const { claimName } = choice;
  const canClaim = engine.capabilities.persistentVolumeClaimMount && claimName !== undefined;
  const name = choice.strategy === 'auto' ? (canClaim ? 'pvc' : 'bind') : choice.strategy;
  if (name === 'none') return createScratchWorkspace();
  if (name === 'pvc' && canClaim) return createClaimWorkspace(claimName);
  if (name === 'bind' && engine.capabilities.bindMount) return createBindWorkspace(choice.path);
  throw unsupportedStrategy(choice.strategy, engine);
}

function unsupportedStrategy(
  strategy: WorkspaceStrategyName,
  engine: Pick<ContainerEngine, 'backend' | 'capabilities'>,
): RecacError {
  const { bindMount, persistentVolumeClaimMount } = engine.capabilities;
  if (strategy === 'pvc' && persistentVolumeClaimMount)
    throw invalidArgument('kubernetes.pvc_name', 'must name a claim for the strategy pvc', 'Name one with --pvc.');
  // Without a claim, `pvc` is no way out.
  const possible = availableStrategies.filter((name) => name === 'none' || (name === 'bind' && bindMount));
  const message = `the workspace strategy ${strategy} is not available on the ${engine.backend} engine. Use one that is: ${possible.join(', ')} (--sync ${possible[0]}).`;
  return new RecacError('RECAC_CAPABILITY_UNSUPPORTED', message, {
    details: { capability: 'bindMount', strategy, backend: engine.backend, available: possible },
  });
}
