import { escapeText } from './escape-text.ts';
import type { Io } from './io.ts';

/** Prints our own lines on stderr, each with `recac: ` before it. */
export interface Reporter {
  /** A line about what goes on; silent with `--quiet`. */
  note(text: string): void;
  /** A line about what went wrong, such as the reason of an exit code; also with `--quiet`. */
  problem(text: string): void;
  /** A line that replaces itself, on a terminal only; silent with `--quiet`. An empty text clears it. */
  status(text: string): void;
  /** Whether `status` shows anything. */
  readonly isLive: boolean;
}

const eraseLine = '\r\u001b[K';

/** The reporter of one command. */
export function createReporter(io: Io, options: { readonly quiet?: boolean }): Reporter {
  const isSilent = options.quiet === true;
  const isLive = !isSilent && io.isTerminal('stderr');
  let hasStatus = false;
  /** A line that wraps cannot be erased. */
  const fit = (text: string): string => text.slice(0, io.stderrColumns() - 1);
  const clear = (): string => (hasStatus ? eraseLine : '');
  const problem = (text: string): void => {
    void io.writeStderr(`${clear()}recac: ${escapeText(text)}\n`);
    hasStatus = false;
  };
  return {
    isLive,
    problem,
    note(text) {
      if (!isSilent) problem(text);
    },
    status(text) {
      if (!isLive) return;
      void io.writeStderr(text === '' ? clear() : `${eraseLine}${fit(`recac: ${escapeText(text)}`)}`);
      hasStatus = text !== '';
    },
  };
}
