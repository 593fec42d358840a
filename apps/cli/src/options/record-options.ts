import type { Command } from 'commander';
import type { EngineOptions } from './common-options.ts';
import { singleValue } from './single-value.ts';

/** Flags of the commands that read what a command wrote. */
export interface RecordOptions extends EngineOptions {
  /** `--since-byte`. */
  readonly sinceByte?: string;
  /** `--tail`. */
  readonly tail?: string;
}

/** Adds `--since-byte` and `--tail`. */
export function addRecordOptions(command: Command): Command {
  return command
    .addOption(singleValue('--since-byte <n>', 'begin each stream at this byte; N,M for stdout and stderr apart'))
    .addOption(singleValue('--tail <lines>', 'begin with the last lines of each stream').conflicts('sinceByte'));
}
