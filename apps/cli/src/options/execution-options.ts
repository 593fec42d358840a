import type { Command } from 'commander';
import { singleValue } from './single-value.ts';

/** Options that say how one command runs. */
export interface ExecutionOptions {
  /** `-c`. */
  readonly c?: string;
  /** `--workdir`. */
  readonly workdir?: string;
  /** `--timeout`. */
  readonly timeout?: string;
  /** `--idle-timeout`. */
  readonly idleTimeout?: string;
  /** `--kill-grace`. */
  readonly killGrace?: string;
  /** `--interactive`. */
  readonly interactive?: boolean;
  /** `--tty`. */
  readonly tty?: boolean;
}

/** Adds `-c`, `--workdir` and the time limits. */
export function addExecutionOptions(command: Command): Command {
  return command
    .addOption(singleValue('-c <script>', 'run this shell script instead of a command'))
    .addOption(singleValue('-w, --workdir <dir>', 'absolute working directory inside (default: the workspace)'))
    .addOption(
      singleValue('--timeout <duration>', 'end the command after this long, such as 30s or 1h30m; exit code 124'),
    )
    .addOption(
      singleValue('--idle-timeout <duration>', 'end the command when it wrote nothing for this long; exit code 124'),
    )
    .addOption(singleValue('--kill-grace <duration>', 'time between SIGTERM and SIGKILL when it is ended'));
}

/** Adds `-i` and `-t`. */
export function addTerminalOptions(command: Command): Command {
  return command
    .option('-i, --interactive', 'pass our stdin to the command (default: its stdin is empty)')
    .option('-t, --tty', 'give the command a terminal');
}
