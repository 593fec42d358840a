import {
  type CallOptions,
  type ContainerEngine,
  type Environment,
  type HarvestReport,
  RecacError,
  type WorkspaceStrategy,
} from '@recac/engine-core';
import { isEnvironmentGone } from './environment-gone.ts';

/** Brings the work of a session back. Errors: the strategy's, with how to get at the files, which are still in the environment. */
export async function harvestSession(
  engine: ContainerEngine,
  strategy: WorkspaceStrategy,
  environment: Environment,
  options: CallOptions,
): Promise<HarvestReport> {
  try {
    return await strategy.harvest(environment, options);
  } catch (error) {
    const isGone = await isEnvironmentGone(engine, environment.id);
    throw isGone ? workLost(error, environment) : notBroughtBack(error, environment);
  }
}

function notBroughtBack(cause: unknown, { sessionId }: Environment): RecacError {
  const [code, words] = RecacError.isInstance(cause)
    ? [cause.code, cause.message]
    : (['RECAC_INTERNAL', `${cause instanceof Error ? cause.message : cause}.`] as const);
  const details = RecacError.isInstance(cause) ? cause.details : {};
  const ways = `recac pull ${sessionId} tries again, recac cp ${sessionId}:. DIR copies the files, recac stop --discard ${sessionId} gives them up`;
  const message = `the work of ${sessionId} was not brought back, so its environment stays: ${words} It goes on until its lease ends: ${ways}.`;
  return new RecacError(code, message, { cause, details: { ...details, sessionId, harvested: false } });
}

function workLost(cause: unknown, { sessionId }: Environment): RecacError {
  const message = `the environment of ${sessionId} is gone: what it changed since its work was last brought back is lost. See recac rescue; session.checkpoint brings work back more often.`;
  return new RecacError('RECAC_ENVIRONMENT_NOT_FOUND', message, { cause, details: { sessionId } });
}
