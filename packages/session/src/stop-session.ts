import { type CallOptions, type ContainerEngine, RecacError } from '@recac/engine-core';
import { findSession } from './find-session.ts';

/** Stops a session by name from any process. Gives false when none has that name. Errors: those of `stopEnvironment`. */
export async function stopSession(engine: ContainerEngine, name: string, options: CallOptions = {}): Promise<boolean> {
  try {
    const environment = await findSession(engine, name, options);
    await engine.stopEnvironment(environment.id, options);
    return true;
  } catch (error) {
    if (RecacError.isInstance(error) && error.code === 'RECAC_ENVIRONMENT_NOT_FOUND') return false;
    throw error;
  }
}
