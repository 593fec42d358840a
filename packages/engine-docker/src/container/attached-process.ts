import { Buffer } from 'node:buffer';
import { RecacError } from '@recac/engine-core';
import { type RawProcess, readLine } from '@recac/engine-kit';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import type { StreamProcess } from '../stream/stream-process.ts';

/** Attaches to a container's main process; before the start, so that nothing it says is missed. */
export function attach(client: DaemonClient, id: string, signal: AbortSignal) {
  return client.upgrade(
    'attaching to the container',
    `/containers/${id}/attach?stream=1&stdin=1&stdout=1&stderr=1`,
    undefined,
    { signal },
  );
}

/**
 * Waits until the main process is ready. `repair` is called when it cannot write where it must. Errors: `RECAC_ENVIRONMENT_START_FAILED` with what it
 * printed instead.
 */
export async function untilReady(
  process: StreamProcess,
  repair: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let repaired = false;
  for (;;) {
    const line = await readLine(process.stdout, signal);
    if (line === 'ok') return;
    if (line !== 'fix' || repaired) throw notReady(line ?? '', process);
    repaired = true;
    await repair();
    process.stdin.write('again\n');
  }
}

/** Gives the main process the first process to run; its streams become that one's. */
export function beginFirstProcess(process: RawProcess, argv: readonly (string | Uint8Array)[]): void {
  const command = argv.map(quote).join(' ');
  process.stdin.write(`${command.split('\n').length}\n${command}\n`);
}

function quote(argument: string | Uint8Array): string {
  const text = typeof argument === 'string' ? argument : Buffer.from(argument).toString('utf8');
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function notReady(line: string, { stderr }: StreamProcess): RecacError {
  const said = `${line} ${(stderr.read() as Buffer | null)?.toString() ?? ''}`.trim();
  if (/exec sh failed: no such file/i.test(said)) return noShell();
  const message =
    said === 'fix'
      ? 'the environment cannot write to /tmp or its workspace. Use an image that has chmod, or whose /tmp is writable.'
      : `the main process of the environment did not begin${said === '' ? '' : `: ${said}`}. The image needs a POSIX sh with mkdir and sleep.`;
  return new RecacError('RECAC_ENVIRONMENT_START_FAILED', message, { details: { reason: 'NotReady', said } });
}

/** The error for an image that commands cannot run in. */
export function noShell(): RecacError {
  return new RecacError(
    'RECAC_ENVIRONMENT_START_FAILED',
    'the image has no sh, which commands are run through. Use an image with a POSIX shell, such as one based on Debian or Alpine.',
    { details: { reason: 'NoShell' } },
  );
}
