import { toStatus } from '../daemon/daemon-error.ts';
import type { StreamProcess } from './stream-process.ts';

const lookMs = 15_000;
/** Once the process has ended its stream does so within seconds. */
const enoughEnds = 2;
/** A daemon may be restarted, or busy for minutes, while lines that are open live on. */
const longestSilenceMs = 300_000;

/**
 * Ends a process whose line has gone silent though it stays open, as behind a proxy that forgot it: while nothing comes, the daemon is asked every 15 s over another connection.
 * It is lost when the daemon says twice that the process has ended, or has said nothing for 5 minutes, which alone proves nothing of this line.
 * A line that is dead while the process lives looks like a quiet one.
 */
export function guardQuiet(process: StreamProcess): void {
  let ends = 0;
  let silentSince: number | undefined;
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    const beganAt = performance.now();
    const found = process.quietMs < lookMs ? 'runs' : await askDaemon(process);
    isLooking = false;
    ends = found === 'ended' ? ends + 1 : 0;
    silentSince = found instanceof Error ? (silentSince ?? beganAt) : undefined;
    if (ends >= enoughEnds) process.lose('the connection went silent, and the process has ended');
    else if (found instanceof Error && performance.now() - (silentSince ?? beganAt) >= longestSilenceMs)
      process.lose(`the connection went silent, and the daemon says nothing of it: ${found.message}`);
  };
  const timer = setInterval(() => void look(), lookMs).unref();
  void process.exited.then(() => clearInterval(timer));
}

async function askDaemon(process: StreamProcess): Promise<'runs' | 'ended' | Error> {
  try {
    return (await process.findExit()) === undefined ? 'runs' : 'ended';
  } catch (error) {
    // It forgets a process that has ended.
    return toStatus(error) === 404 ? 'ended' : (error as Error);
  }
}
