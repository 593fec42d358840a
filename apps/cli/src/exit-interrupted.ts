import { printError, toErrorReport } from './error-report.ts';
import type { Interruption } from './interruption.ts';
import type { Io } from './io.ts';

/**
 * The exit code of an action that an interruption has ended, after its error was printed: what was asked for is no failure of ours. Throws every other error on.
 */
export async function exitInterrupted(
  error: unknown,
  interruption: Interruption,
  { io, json = false }: { readonly io: Io; readonly json?: boolean | undefined },
): Promise<number> {
  if (interruption.exitCode === undefined || toErrorReport(error).code !== 'RECAC_ABORTED') throw error;
  await printError(io, error, { json });
  return interruption.exitCode;
}
