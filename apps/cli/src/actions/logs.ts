import type { ContainerEngine, ExecInfo, ExecResult } from '@recac/engine-core';
import { type FollowOptions, followExec, readExec } from '@recac/session';
import type { CommandContext } from '../command-context.ts';
import type { LogsOptions } from '../commands/logs.ts';
import { toErrorReport } from '../error-report.ts';
import { toBase64Fields } from '../exec-report.ts';
import { exitOk } from '../exit-status.ts';
import { toJsonLine } from '../json-text.ts';
import { type KeptOutput, keepOutput, keptOutputBytes } from '../kept-output.ts';
import { openEngine } from '../open-engine.ts';
import { findRecordOffsets, type RecordOffsets, validateRecordOptions } from '../record-offsets.ts';
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
  const kept = options.json === true ? { stdout: keepOutput(), stderr: keepOutput() } : undefined;
  const listeners = {
    onStdout: kept === undefined ? io.writeStdout : kept.stdout.add,
    onStderr: kept === undefined ? io.writeStderr : kept.stderr.add,
  };
  const followOptions: FollowOptions = { ...offsets, ...listeners, signal: io.stdoutClosed };
  if (options.follow === true) await follow(engine, found, followOptions);
  else await readExec(engine, environment.id, kept === undefined ? exec : toKeptPart(exec, offsets), followOptions);
  if (kept !== undefined) await io.writeStdout(toJsonLine(toLogsJson(found, kept)));
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

/** A record is up to 4 GiB: of what nobody keeps only one byte is read, which tells that there is more. */
function toKeptPart(exec: ExecInfo, { fromStdoutByte = 0, fromStderrByte = 0 }: RecordOffsets): ExecInfo {
  return {
    ...exec,
    stdoutBytes: Math.min(exec.stdoutBytes, fromStdoutByte + keptOutputBytes + 1),
    stderrBytes: Math.min(exec.stderrBytes, fromStderrByte + keptOutputBytes + 1),
  };
}

interface KeptStreams {
  readonly stdout: KeptOutput;
  readonly stderr: KeptOutput;
}

function toLogsJson({ environment, exec }: FoundRecord, kept: KeptStreams): Readonly<Record<string, unknown>> {
  const data: Pick<ExecResult, 'stdoutData' | 'stderrData'> = {
    stdoutData: kept.stdout.data(),
    stderrData: kept.stderr.data(),
  };
  const truncated = kept.stdout.isCut() || kept.stderr.isCut();
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const text = { stdout: decoder.decode(data.stdoutData), stderr: decoder.decode(data.stderrData) };
  return {
    session: environment.sessionId,
    environment: environment.id,
    exec,
    truncated,
    ...text,
    ...toBase64Fields(data),
  };
}
