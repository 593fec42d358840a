import { RecacError } from '@recac/engine-core';
import { mainProcessFile } from '../job/keep-alive-script.ts';

/**
 * POSIX sh, no program: `$20` is when process 1 started, `m` when the first process 1 of the pod did, or nothing before that has written it down. They differ in a container that
 * Kubernetes has started again.
 */
export const readMainProcess = `IFS= read -r s </proc/1/stat; s=\${s##*) }; set -- $s; m=; read -r m 2>/dev/null <${mainProcessFile}; `;

/** True when what a shell has read of process 1 says that the container is not the first of its environment. */
export function isRestarted(startTime: string | undefined, first: string | undefined): boolean {
  return first !== undefined && first !== '' && first !== startTime;
}

/** The error for a container that was started again: it has the files, but none of the processes. */
export function containerRestarted(id: string, pod: string): RecacError {
  const cause = 'the container of the environment was started again: its processes are gone';
  return new RecacError(
    'RECAC_ENVIRONMENT_NOT_FOUND',
    `${cause}, and nothing is run in the new one. Files that you miss may still be in pod ${pod}: copy them with kubectl, then stop the environment and start another.`,
    { details: { id, reason: 'ContainerRestarted', cause } },
  );
}
