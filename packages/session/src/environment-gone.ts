import { type ContainerEngine, RecacError } from '@recac/engine-core';

/** Whether the backend itself says that an environment is gone: a call that does not find it may have asked a part of the backend that has just been started. */
export async function isEnvironmentGone(engine: ContainerEngine, id: string): Promise<boolean> {
  try {
    await engine.inspectEnvironment(id);
    return false;
  } catch (error) {
    return RecacError.isInstance(error) && error.code === 'RECAC_ENVIRONMENT_NOT_FOUND';
  }
}
