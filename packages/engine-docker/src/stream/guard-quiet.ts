import type { StreamProcess } from './stream-process.ts';

const lookMs = 15_000;
/** Once the process has ended its stream does so within seconds; and a daemon may be busy for a moment. */
const enough = 2;

/**
 * Ends a process whose line has gone silent though it stays open, as behind a proxy that forgot it: while nothing comes, the daemon is asked every 15 s over another connection.
 * A line that is dead while the process lives looks like a quiet one.
 */
export function guardQuiet(process: StreamProcess): void {
  let found = 0;
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    const problem = process.quietMs < lookMs ? undefined : await findProblem(process);
    isLooking = false;
    found = problem === undefined ? 0 : found + 1;
    if (found >= enough) process.lose(`the connection went silent, and ${problem}`);
  };
  const timer = setInterval(() => void look(), lookMs).unref();
  void process.exited.then(() => clearInterval(timer));
}

async function findProblem(process: StreamProcess): Promise<string | undefined> {
  try {
    const exit = await process.findExit();
    return exit && 'the process has ended';
  } catch (error) {
    return `the daemon says nothing of it: ${(error as Error).message}`;
  }
}
