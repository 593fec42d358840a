import { type ProcessOutcome, runProcess } from '@recac/engine-kit';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { type ExecProcessSpec, openExec } from './exec-process.ts';

/** Runs a small command of ours to its end. */
export async function runExec(
  client: DaemonClient,
  containerId: string,
  spec: ExecProcessSpec,
  signal: AbortSignal,
): Promise<ProcessOutcome> {
  return runProcess(await openExec(client, containerId, spec, signal), signal);
}
