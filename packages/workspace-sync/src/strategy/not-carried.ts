import { type Environment, RecacError } from '@recac/engine-core';

/** The error for a workspace of which something could not be read, after all else was brought back. `problem`: what the environment said. */
export function notCarried({ sessionId }: Environment, problem: string): RecacError {
  const message = `not everything in the workspace of ${sessionId} could be read: ${problem}. Everything else was brought back; correct that with recac shell ${sessionId}, or stop with --discard.`;
  return new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { details: { sessionId } });
}
