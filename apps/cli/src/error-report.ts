import { escapeText } from './escape-text.ts';
import type { Io } from './io.ts';
import { toJsonLine } from './json-text.ts';

/** An error as users see it. */
export interface ErrorReport {
  /** Stable code `RECAC_…`. */
  readonly code: string;
  /** What went wrong, and the next step. */
  readonly message: string;
  /** Facts for programs. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Any error as a report. What is no error of ours is a defect: `RECAC_INTERNAL`. */
export function toErrorReport(error: unknown): ErrorReport {
  if (isRecacError(error)) return { code: error.code, message: error.message, details: error.details };
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'RECAC_INTERNAL',
    message: `unexpected: ${message}. Set RECAC_DEBUG=1 for the stack and report it.`,
    details: {},
  };
}

/** Prints a report on stderr, and on stdout too with `json`. With RECAC_DEBUG=1 the stack follows. */
export async function printError(io: Io, error: unknown, options: { readonly json: boolean }): Promise<void> {
  const report = toErrorReport(error);
  const lines = report.message.split('\n').map((line) => escapeText(line));
  await io.writeStderr(`recac: ${lines.join('\n  ')} (${report.code})\n`);
  if (process.env.RECAC_DEBUG === '1') await io.writeStderr(`${describeStack(error)}\n`);
  if (options.json) await io.writeStdout(toJsonLine({ error: report }));
}

/** By the marker, so that this file loads nothing. */
function isRecacError(error: unknown): error is Error & ErrorReport {
  return typeof error === 'object' && error !== null && Symbol.for('recac.error') in error;
}

function describeStack(error: unknown): string {
  if (!(error instanceof Error)) return escapeText(String(error));
  const stack = (error.stack ?? error.message).split('\n').map(escapeText).join('\n');
  return error.cause === undefined ? stack : `${stack}\ncaused by ${describeStack(error.cause)}`;
}
