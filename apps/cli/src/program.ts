import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { commandTable } from './command-table.ts';

/** Which commands get their full definition: one by name, all, or none. */
export type LoadedCommands = string | 'all' | undefined;

/** The command line as commander sees it. Only the definitions asked for are loaded; the other commands are names with a summary. */
export async function createProgram(context: CommandContext, loaded: LoadedCommands): Promise<Command> {
  const program = new Command('recac');
  program
    .description('Run any command, above all a coding agent, in a disposable environment and bring the work back.')
    .usage('<command> [options]')
    .option('-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      '\nStart with: recac run --image debian -- echo hello\nWithout Docker: recac run --backend local -- echo hello (isolates nothing)\nThe options of a command: recac run --help',
    );
  for (const entry of commandTable) {
    const command = program.command(entry.name).summary(entry.summary).description(`${entry.summary}.`);
    if (entry.alias !== undefined) command.alias(entry.alias);
    command.helpOption('-h, --help', 'print help');
    if (loaded === 'all' || loaded === entry.name) (await entry.load())(command, context);
  }
  return program;
}

/** The name of the command that the arguments call, also as `help NAME` or by its alias. */
export function findCalledCommand(argv: readonly string[]): string | undefined {
  const name = argv[0] === 'help' ? argv[1] : argv[0];
  return commandTable.find((entry) => entry.name === name || (name !== undefined && entry.alias === name))?.name;
}
