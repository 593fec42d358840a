import { RecacError } from '@recac/engine-core';
import { parseUserFiles, type UserFiles, userFilesScript } from '@recac/engine-kit';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { runExec } from './run-exec.ts';

const deadlineMs = 30_000;
const end = '\u0002';

/** Reads who an environment knows. Errors: `RECAC_EXEC_FAILED` when not everything came, so that nobody seems unknown whose entry did not. */
export async function readUserFiles(client: DaemonClient, containerId: string): Promise<UserFiles> {
  const argv = ['sh', '-c', `${userFilesScript}\nprintf '\\002'`];
  const signal = AbortSignal.timeout(deadlineMs);
  const { exit, stdout, stderr } = await runExec(client, containerId, { argv, workingDirectory: '/' }, signal).catch(
    (error: unknown) => {
      throw signal.aborted ? notRead(`no answer came within ${deadlineMs} ms`, error) : error;
    },
  );
  if (exit.type === 'lost') throw notRead(exit.reason);
  if (exit.type === 'signaled' || exit.code !== 0) throw notRead(`the shell failed: ${stderr.trim()}`);
  if (!stdout.endsWith(end)) throw notRead('the answer was cut');
  return parseUserFiles(stdout.slice(0, -end.length));
}

function notRead(problem: string, cause?: unknown): RecacError {
  return new RecacError(
    'RECAC_EXEC_FAILED',
    `the users of the environment could not be read: ${problem}. Try again; look at the daemon when it happens again.`,
    { cause, details: { reason: 'UsersNotRead' } },
  );
}
