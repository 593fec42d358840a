import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { RecacError } from '@recac/engine-core';
import { quoteForShell, runProcess } from '@recac/engine-kit';
import { runDirectory } from '../job/keep-alive-script.ts';
import type { WaitingShell } from './open-pod-process.ts';

/**
 * Writes shell source into a file of the pod that only the container's user may read, and that removes itself when it is run with `.`. What a terminal runs goes this way: its
 * stdin is the terminal, and its argv is in the URL, which audit logs keep. Gives the path. Errors: `RECAC_EXEC_FAILED`.
 */
export async function writeSource({ process }: WaitingShell, source: Buffer, signal: AbortSignal): Promise<string> {
  const path = `${runDirectory}/.source-${randomUUID()}`;
  const whole = Buffer.concat([Buffer.from(`rm -f ${path}\n`), source]);
  // `printf` is part of the shell, so the length is not limited as that of an argument is.
  const script = Buffer.concat([
    Buffer.from('umask 077; printf %s '),
    Buffer.from(quoteForShell(whole)),
    Buffer.from(` >${path}`),
  ]);
  process.stdin.write(Buffer.concat([Buffer.from(`${script.length}\n`), script]));
  const { exit } = await runProcess(process, signal);
  if (exit.type === 'exited' && exit.code === 0) return path;
  const next = exit.type === 'lost' ? `the line broke (${exit.reason}). Try again.` : 'see whether its disk is full.';
  const message = `what the terminal runs could not be written into the environment: ${next}`;
  throw new RecacError('RECAC_EXEC_FAILED', message, { details: { exit } });
}
