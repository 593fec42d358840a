import { RecacError } from '@recac/engine-core';

/** The error for an archive that cannot be read, or must not be. */
export function badArchive(problem: string, nextStep: string): RecacError {
  return new RecacError('RECAC_INVALID_ARGUMENT', `the archive ${problem}. ${nextStep}`, {
    details: { field: 'archive', rule: problem },
  });
}

/** The error for an archive that ends too early. */
export function truncatedArchive(): RecacError {
  return badArchive('ends in the middle', 'What was copied has been removed; copy again.');
}

/** A name from an archive, for people. */
export function quoteName(name: string): string {
  return JSON.stringify(Buffer.from(name, 'latin1').toString());
}
