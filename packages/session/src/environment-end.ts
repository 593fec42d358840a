import { type CallOptions, type ContainerEngine, RecacError } from '@recac/engine-core';

/** Where files of an environment can be that does not answer. */
export type EnvironmentEnd =
  /** It may live: its files are in it. */
  | 'none'
  /** Nothing can run in it any more, but the backend has not cleared it away. */
  | 'ended'
  /** The backend does not know it. */
  | 'gone';

/** The one reason of `Failed` that leaves a living container behind: its files can still be copied by hand. */
const livesOn = 'ContainerRestarted';

/**
 * What the backend itself says of an environment: a call that does not find it may have asked a part of the backend that has just been started. Where an engine keeps workspaces, one
 * that has ended but is not gone counts as living: removing it would remove its workspace.
 */
export async function readEnvironmentEnd(
  engine: ContainerEngine,
  id: string,
  call: CallOptions = {},
): Promise<EnvironmentEnd> {
  try {
    const { phase, reason } = await engine.inspectEnvironment(id, call);
    if (engine.capabilities.keptWorkspaces || reason === livesOn) return 'none';
    return phase === 'Failed' || phase === 'Terminating' ? 'ended' : 'none';
  } catch (error) {
    return RecacError.isInstance(error) && error.code === 'RECAC_ENVIRONMENT_NOT_FOUND' ? 'gone' : 'none';
  }
}
