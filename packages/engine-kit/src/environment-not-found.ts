import { RecacError } from '@recac/engine-core';

/** The error for an id that no environment has. */
export function environmentNotFound(id: string): RecacError {
  return new RecacError(
    'RECAC_ENVIRONMENT_NOT_FOUND',
    'no environment has this id: it was stopped, or never started. List the environments to see what runs.',
    {
      details: { id },
    },
  );
}
