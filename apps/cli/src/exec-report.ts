import { isUtf8 } from 'node:buffer';
import type { ExecEnd, ExecResult } from '@recac/engine-core';
import { createLightError } from './light-error.ts';
import { describeMilliseconds } from './milliseconds.ts';
import type { Reporter } from './reporter.ts';

/** One line for each thing about a command's end that its exit code does not say by itself; that nobody knows the end is a problem. */
export function reportEnd(reporter: Reporter, end: ExecEnd): void {
  for (const line of describeEnd(end)) reporter.note(line);
  if (end.outcome.type === 'lost') reporter.problem(`nobody knows how the command ended: ${end.outcome.reason}`);
}

function describeEnd(end: ExecEnd): readonly string[] {
  const lines: string[] = [];
  const { outcome } = end;
  if (outcome.type === 'signaled') lines.push(`the command was ended by ${outcome.signal}`);
  if (end.outOfMemory)
    lines.push('a process of it was killed because the environment was out of memory; give it more with --memory');
  if (outcome.type === 'timedOut') {
    const cause = outcome.limit === 'idle' ? 'it wrote nothing for' : 'time limit of';
    lines.push(`the command was ended: ${cause} ${describeMilliseconds(outcome.limitMs)}`);
  }
  if (outcome.type === 'cancelled') lines.push('the command was cancelled');
  if (end.droppedBytes > 0) lines.push(`${end.droppedBytes} bytes of output were dropped: the record was full`);
  if (end.killed !== undefined && end.killed.survivors.length > 0)
    lines.push(`processes that could not be killed: ${end.killed.survivors.join(', ')}`);
  return lines;
}

/** What `--json` says of a command whose result nobody waited for. */
export function commandCutShort(session: string): Error {
  return createLightError('RECAC_ABORTED', 'the command was ended before it had a result.', { session });
}

/** A result as JSON: output as text, and as base64 too where it is no valid UTF-8. */
export function toExecJson(result: ExecResult): Readonly<Record<string, unknown>> {
  const { stdoutData, stderrData, ...plain } = result;
  return { ...plain, ...toBase64Fields({ stdoutData, stderrData }) };
}

/** `stdoutBase64` and `stderrBase64`, each only where the bytes are no valid UTF-8. */
export function toBase64Fields({
  stdoutData,
  stderrData,
}: Pick<ExecResult, 'stdoutData' | 'stderrData'>): Readonly<Record<string, string>> {
  return { ...toBase64Field('stdoutBase64', stdoutData), ...toBase64Field('stderrBase64', stderrData) };
}

/** The bytes under this key, only where they are no valid UTF-8. */
export function toBase64Field(key: string, data: Uint8Array): Readonly<Record<string, string>> {
  return isUtf8(data) ? {} : { [key]: Buffer.from(data).toString('base64') };
}
