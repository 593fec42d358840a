import type { Buffer } from 'node:buffer';
import { RecacError } from '@recac/engine-core';
import { readLine } from '@recac/engine-kit';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import type { StreamProcess } from '../stream/stream-process.ts';
import { workspacePath } from './container-plan.ts';
import { mainProcessLines } from './keep-alive-script.ts';

/** Attaches to a container's main process; before the start, so that nothing it says is missed. */
export function attach(client: DaemonClient, id: string, signal: AbortSignal) {
  return client.upgrade(
    'attaching to the container',
    `/containers/${id}/attach?stream=1&stdin=1&stdout=1&stderr=1`,
    undefined,
    { signal },
  );
}

/** Lets the environment's user write to directories that belong to root; false when that did not work. */
export type Repair = (...directories: readonly string[]) => Promise<boolean>;

/**
 * Waits until the main process is ready and may write where it must; what root has to repair of the workspace is repaired while the first process gets ready.
 * Errors: `RECAC_ENVIRONMENT_START_FAILED` with what it printed instead.
 */
export async function untilReady(process: StreamProcess, repair: Repair, signal: AbortSignal): Promise<void> {
  const { stateNotWritable, workspaceNotWritable, ready } = mainProcessLines;
  const repairs = new Map<string, Promise<boolean>>();
  for (;;) {
    const line = await readLine(process.stdout, signal);
    if (line === ready) break;
    if (line === undefined || repairs.has(line)) throw notReady(line ?? '', process);
    if (line === stateNotWritable) {
      repairs.set(line, Promise.resolve(true));
      await repair('/tmp');
      process.stdin.write('again\n');
    } else if (line === workspaceNotWritable) {
      const repaired = repair(workspacePath);
      repaired.catch(() => {});
      repairs.set(line, repaired);
    } else throw notReady(line, process);
  }
  if (!((await repairs.get(workspaceNotWritable)) ?? true)) throw notReady(workspaceNotWritable, process);
}

function notReady(line: string, { stderr }: StreamProcess): RecacError {
  const said = `${line} ${(stderr.read() as Buffer | null)?.toString() ?? ''}`.trim();
  if (/exec sh failed: no such file/i.test(said)) return noShell();
  if (/exec.*: permission denied/i.test(said)) return cannotRun(...shellDenied, said);
  if (/exec format error/i.test(said)) return cannotRun(...wrongPlatform, said);
  const message =
    line === mainProcessLines.stateNotWritable || line === mainProcessLines.workspaceNotWritable
      ? 'the environment cannot write to /tmp or its workspace. Use an image that has chmod, or whose /tmp is writable.'
      : `the main process of the environment did not begin${said === '' ? '' : `: ${said}`}. The image needs a POSIX sh with mkdir and sleep.`;
  return new RecacError('RECAC_ENVIRONMENT_START_FAILED', message, { details: { reason: 'NotReady', said } });
}

const shellDenied = [
  'ShellDenied',
  "the environment's user may not run the image's sh. Start it as root (--user root), with --hardening docker-default where root needs its capabilities, or use an image that any user can run.",
] as const;

const wrongPlatform = [
  'WrongPlatform',
  "the image's sh is for another kind of machine than the daemon's. Name the platform that you want (--platform linux/amd64), or use an image for this one.",
] as const;

function cannotRun(reason: string, message: string, said: string): RecacError {
  return new RecacError('RECAC_ENVIRONMENT_START_FAILED', message, { details: { reason, said } });
}

/** The error for an image that commands cannot run in. */
export function noShell(): RecacError {
  return new RecacError(
    'RECAC_ENVIRONMENT_START_FAILED',
    'the image has no sh, which commands are run through. Use an image with a POSIX shell, such as one based on Debian or Alpine.',
    { details: { reason: 'NoShell' } },
  );
}
