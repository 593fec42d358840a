import { Buffer } from 'node:buffer';
import type { RawExit, RawProcess } from './engine-driver.ts';

/** Most output that is kept of a small command of ours. */
const outputLimit = 1_048_576;

/** How a small command of ours ended. */
export interface ProcessOutcome {
  /** How it ended. */
  readonly exit: RawExit;
  /** What it printed, the first MiB. */
  readonly stdout: string;
  /** What it printed on stderr, the first MiB. */
  readonly stderr: string;
}

/** Follows a small command of ours, without stdin, to its end. Rejects only when the signal fires. */
export async function runProcess(process: RawProcess, signal: AbortSignal): Promise<ProcessOutcome> {
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
