import { parseUserFiles, type UserFiles, userFilesScript } from '@recac/engine-kit';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { runExec } from './run-exec.ts';

/** Reads who an environment knows. */
export async function readUserFiles(
  client: DaemonClient,
  containerId: string,
  signal: AbortSignal,
): Promise<UserFiles> {
  const { stdout } = await runExec(
    client,
    containerId,
    { argv: ['sh', '-c', userFilesScript], workingDirectory: '/' },
    signal,
  );
  return parseUserFiles(stdout);
}
