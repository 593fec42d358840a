import { Buffer } from 'node:buffer';
import type { RawExit } from '@recac/engine-kit';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { type ExecProcessSpec, openExec } from './exec-process.ts';

/** Most output that is kept of a small command of ours. */
const outputLimit = 1_048_576;

/** Runs a small command of ours to its end. */
export async function runExec(
  client: DaemonClient,
  containerId: string,
  spec: ExecProcessSpec,
  signal: AbortSignal,
): Promise<{ readonly exit: RawExit; readonly stdout: string; readonly stderr: string }> {
  const process = await openExec(client, containerId, spec, signal);
  const giveUp = (): void => process.close();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    process.stdin.end();
    const [stdout, stderr, exit] = await Promise.all([
      collect(process.stdout),
      collect(process.stderr),
      process.exited,
    ]);
    signal.throwIfAborted();
    return { exit, stdout, stderr };
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

async function collect(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      if (length < outputLimit) chunks.push(chunk);
      length += chunk.length;
    }
  } catch {
    // How the process ended says what is to be said about a broken line.
  }
  return Buffer.concat(chunks).toString('utf8');
}
