import type { Command } from 'commander';
import type { Io } from './io.ts';

/** What every command gets. */
export interface CommandContext {
  /** The standard streams. */
  readonly io: Io;
  /** The program with the definitions of all commands, for what describes it. */
  createFullProgram(): Promise<Command>;
  /** Takes the exit code of the command that ran. */
  finish(code: number): void;
}
