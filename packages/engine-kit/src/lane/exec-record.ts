import type { RecacError } from '@recac/engine-core';
import { type EndedCommand, type ProcessIdentity, type StartedCommand, toCause, toExecRefusal } from './exec-lane.ts';

/** How a command ended, as its lane saw it. */
export type RecordedCode = Pick<EndedCommand, 'code' | 'signaled' | 'cause' | 'memoryKills'>;

/** What the log of a segment says about one command. Only lines with their newline count. */
export interface ExecRecord {
  /** Present once the command's process existed. */
  readonly started?: StartedCommand;
  /** The lane that ran it. */
  readonly dispatcher?: ProcessIdentity;
  /** Present once it ended: exit code as the shell saw it. */
  readonly code?: RecordedCode;
  /** Present once its output is complete. */
  readonly ended?: EndedCommand;
  /** Present when the dispatcher refused it. */
  readonly refused?: RecacError;
  /** The dispatcher saw the end of its line instead of the request. */
  readonly neverRan?: true;
}

function toCode([text = '', cause]: readonly string[]): RecordedCode {
  return { code: Number.parseInt(text, 10), signaled: text.endsWith('s'), ...toCause(cause) };
}

/** Reads the log lines of one command (`N p …`, `N c …`, `N e …`, `N x …`, `N n`). Unknown lines are passed over. */
export function parseExecRecord(lines: readonly string[]): ExecRecord {
  let record: ExecRecord = {};
  for (const line of lines) {
    const [, kind, ...words] = line.split(' ');
    if (kind === 'p' && words.length === 8) record = { ...record, ...toStart(words) };
    if (kind === 'c' && words.length === 2) record = { ...record, code: toCode(words) };
    if (kind === 'x' && words.length === 2) record = { ...record, refused: toExecRefusal(line.split(' ')) };
    if (kind === 'n' && words.length === 0) record = { ...record, neverRan: true };
    if (kind === 'e' && words.length === 5 && record.code) record = { ...record, ended: toEnd(words, record.code) };
  }
  return record;
}

function toStart(words: readonly string[]): Pick<ExecRecord, 'started' | 'dispatcher'> {
  return {
    started: {
      process: { pid: Number(words[0]), startTime: String(words[1]) },
      stdoutBase: Number(words[4]),
      stderrBase: Number(words[5]),
      limit: Number(words[6]),
      memoryKills: Number(words[7]),
    },
    dispatcher: { pid: Number(words[2]), startTime: String(words[3]) },
  };
}

function toEnd(words: readonly string[], code: RecordedCode): EndedCommand {
  return {
    ...code,
    stdoutEnd: Number(words[0]),
    stderrEnd: Number(words[1]),
    stdoutDropped: Number(words[2]),
    stderrDropped: Number(words[3]),
    heldOpen: words[4] === '1',
  };
}
