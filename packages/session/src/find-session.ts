import {
  type CallOptions,
  type ContainerEngine,
  type EnvironmentStatus,
  RecacError,
  validateSessionId,
} from '@recac/engine-core';

/**
 * The living environment of a session, found by the exact name. Errors: `RECAC_INVALID_ARGUMENT` for what cannot be a name,
 * `RECAC_ENVIRONMENT_NOT_FOUND`.
 */
export async function findSession(
  engine: ContainerEngine,
  name: string,
  options: CallOptions = {},
): Promise<EnvironmentStatus> {
  validateSessionId(name, 'session name');
  const found = await engine.listEnvironments({ ...options, sessionId: name });
  const all = found.filter((environment) => environment.sessionId === name);
  // The one before may still be on its way out, such as on a node that is dead.
  const match = all.find(({ phase }) => phase !== 'Terminating') ?? all[0];
  if (match === undefined) throw sessionNotFound(engine.backend, name);
  return match;
}

function sessionNotFound(backend: string, name: string): RecacError {
  const message = `no session named ${JSON.stringify(name)} runs on the ${backend} engine. See recac list.`;
  return new RecacError('RECAC_ENVIRONMENT_NOT_FOUND', message, { details: { sessionId: name, backend } });
}
