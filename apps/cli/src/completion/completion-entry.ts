import type { Command, Option } from 'commander';

/** What a shell needs to know about a command. */
export interface CompletionEntry {
  /** Name, such as `run`. */
  readonly name: string;
  /** One line about it. */
  readonly summary: string;
  /** Its flags. */
  readonly flags: readonly CompletionFlag[];
  /** Its subcommands, by name. */
  readonly subcommands: readonly string[];
  /** Whether its first word is the name of a session; of `cp` with a colon after it. */
  readonly takesSession: boolean;
}

/** One flag. */
export interface CompletionFlag {
  /** `--timeout`. */
  readonly long: string | undefined;
  /** `-i`. */
  readonly short: string | undefined;
  /** One line about it. */
  readonly description: string;
  /** Whether a value follows. */
  readonly takesValue: boolean;
}

const sessionCommands: ReadonlySet<string> = new Set([
  'exec',
  'spawn',
  'shell',
  'attach',
  'logs',
  'stop',
  'inspect',
  'port-forward',
  'push',
  'pull',
  'diff',
  'apply',
  'merge',
  'checkout',
  'rescue',
  'cp',
]);

/** The commands of a program for completion. Summaries and flags are ours, so they hold nothing that a shell would run. */
export function describeCommands(program: Command): readonly CompletionEntry[] {
  return program.commands.map((command) => ({
    name: command.name(),
    summary: command.summary(),
    flags: [...command.options, ...command.commands.flatMap((child) => child.options)]
      .filter(({ hidden }) => !hidden)
      .map(describeFlag),
    subcommands: command.commands.map((child) => child.name()),
    takesSession: sessionCommands.has(command.name()),
  }));
}

function describeFlag(option: Option): CompletionFlag {
  return {
    long: option.long,
    short: option.short,
    description: option.description.replaceAll("'", ''),
    takesValue: option.required,
  };
}

/** The spellings of the flags of a command, without doubles. */
export function listFlags(entry: CompletionEntry): readonly string[] {
  const spellings = entry.flags.flatMap(({ long, short }) => [long, short]).filter((flag) => flag !== undefined);
  return [...new Set([...spellings, '--help'])];
}
