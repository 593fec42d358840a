import { RecacError } from '@recac/engine-core';
import { environmentNotFound } from '@recac/engine-kit';
import { missingShell } from '../job/missing-shell.ts';

const notThere =
  /container not found|not found in pod|container is not|cannot exec in a (stopped|deleted)|not running/i;

/** What the words of a kubelet or runtime that refuses an exec mean: that the container does not run, or that it has no shell; undefined where they say nothing that is known. */
export function explainExecRefusal(message: string, environmentId: string): RecacError | undefined {
  if (notThere.test(message)) return notFoundAs(message, environmentId);
  if (!missingShell.test(message)) return undefined;
  return new RecacError(
    'RECAC_EXEC_FAILED',
    'the image has no sh, which commands are run through. Use an image with a POSIX shell.',
    { details: { reason: 'NoShell', message } },
  );
}

/** `RECAC_ENVIRONMENT_NOT_FOUND` for an exec that was answered so; `details.message` has the words of whoever answered. */
export function notFoundAs(words: string, environmentId: string): RecacError {
  const { code, message, details } = environmentNotFound(environmentId);
  return new RecacError(code, message, { details: { ...details, message: words } });
}
