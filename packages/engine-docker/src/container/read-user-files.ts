import type { DaemonClient } from '../daemon/daemon-client.ts';
import type { UserFiles } from './container-user.ts';
import { runExec } from './run-exec.ts';

const separator = '\u0001';
const script = `cat /etc/passwd 2>/dev/null; printf '\\001'; cat /etc/group 2>/dev/null; :`;

/** Reads who an environment knows. */
export async function readUserFiles(
  client: DaemonClient,
  containerId: string,
  signal: AbortSignal,
): Promise<UserFiles> {
  const { stdout } = await runExec(client, containerId, { argv: ['sh', '-c', script], workingDirectory: '/' }, signal);
  const [passwd = '', group = ''] = stdout.split(separator);
  return { passwd, group };
}
