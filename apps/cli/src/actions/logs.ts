import type { ContainerEngine, ExecResult } from '@recac/engine-core';
import { type FollowOptions, followExec, readExec } from '@recac/session';
import type { CommandContext } from '../command-context.ts';
import type { LogsOptions } from '../commands/logs.ts';
import { toErrorReport } from '../error-report.ts';
import { toBase64Fields } from '../exec-report.ts';
import { exitOk } from '../exit-status.ts';
import { toJsonLine } from '../json-text.ts';
import { openEngine } from '../open-engine.ts';
import { findRecordOffsets, validateRecordOptions } from '../record-offsets.ts';
import { type FoundRecord, findRecord, type RecordArguments } from './attach.ts';

/** `recac logs`: what a command wrote, up to now or with `--follow` up to its end. The exit code says only whether it could be read. */
export async function logsAction(
  given: RecordArguments,
  options: LogsOptions,
  { io }: CommandContext,
): Promise<number> {
  validateRecordOptions(options);
  await using engine = (await openEngine(options)).engine;
  const found = await findRecord(engine, given);
  const { environment, exec } = found;
  const offsets = await findRecordOffsets(engine, environment.id, exec, options);
  const kept: KeptOutput = { stdout: [], stderr: [] };
  const listeners = options.json === true ? keepOutput(kept) : { onStdout: io.writeStdout, onStderr: io.writeStderr };
  const followOptions: FollowOptions = { ...offsets, ...listeners, signal: io.stdoutClosed };
  if (options.follow === true) await follow(engine, found, followOptions);
  else await readExec(engine, environment.id, exec, followOptions);
  if (options.json === true) await io.writeStdout(toJsonLine(toLogsJson(found, kept)));
  return exitOk;
}

/** Nobody reads any more: that is an end, as with any pipe, and what the exit code is made of. */
async function follow(engine: ContainerEngine, found: FoundRecord, options: FollowOptions): Promise<void> {
  try {
    await followExec(engine, found.environment.id, found.exec.execId, options);
  } catch (error) {
    if (options.signal?.aborted !== true || toErrorReport(error).code !== 'RECAC_ABORTED') throw error;
  }
}

interface KeptOutput {
  readonly stdout: Uint8Array[];
  readonly stderr: Uint8Array[];
}

function keepOutput(kept: KeptOutput): Pick<FollowOptions, 'onStdout' | 'onStderr'> {
  return {
    onStdout: (chunk) => void kept.stdout.push(Uint8Array.from(chunk)),
    onStderr: (chunk) => void kept.stderr.push(Uint8Array.from(chunk)),
  };
}

function toLogsJson({ environment, exec }: FoundRecord, kept: KeptOutput): Readonly<Record<string, unknown>> {
  const data: Pick<ExecResult, 'stdoutData' | 'stderrData'> = {
    stdoutData: Buffer.concat(kept.stdout),
    stderrData: Buffer.concat(kept.stderr),
  };
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const text = { stdout: decoder.decode(data.stdoutData), stderr: decoder.decode(data.stderrData) };
  return { session: environment.sessionId, environment: environment.id, exec, ...text, ...toBase64Fields(data) };
}
