import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { printError, toErrorReport } from './error-report.ts';
import { exitBrokenPipe, exitOk, toErrorStatus } from './exit-status.ts';
import { createIo, type Io } from './io.ts';
import { createLightError } from './light-error.ts';
import type { CommonOptions } from './options/common-options.ts';
import { createProgram, findCalledCommand } from './program.ts';
import { isHelpShown, toUsageError } from './usage-error.ts';

/** Runs one command line and ends the process with its exit code. */
export async function runCli(argv: readonly string[]): Promise<void> {
  const io = createIo();
  const code = await execute(argv, io);
  io.exit(await adjustForStdout(io, code, findCalledCommand(argv)));
}

async function execute(argv: readonly string[], io: Io): Promise<number> {
  const called = findCalledCommand(argv);
  let code = exitOk;
  const context: CommandContext = {
    io,
    createFullProgram: () => createProgram(context, 'all'),
    finish: (value) => {
      code = value;
    },
  };
  const output = { help: '' };
  let program: Command | undefined;
  try {
    program = await createProgram(context, called);
    captureOutput(program, output);
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (isHelpShown(error)) {
      await io.writeStdout(output.help);
      return exitOk;
    }
    const failure = toUsageError(error, { argv, called });
    await printError(io, failure, {
      json: program !== undefined && asksForJson(program, failure === error ? [] : argv),
    });
    return toErrorStatus(called, toErrorReport(failure).code);
  }
}

function captureOutput(program: Command, output: { help: string }): void {
  for (const command of listCommands(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        output.help += text;
      },
      writeErr: () => {},
      outputError: () => {},
    });
  }
}

function listCommands(program: Command): readonly Command[] {
  return [program, ...program.commands, ...program.commands.flatMap((child) => child.commands)];
}

/** By the options that were parsed, since the words of a command that runs are its own; and by those of a line that could not be parsed to its end. */
function asksForJson(program: Command, unparsed: readonly string[]): boolean {
  if (listCommands(program).some((command) => command.opts<CommonOptions>().json === true)) return true;
  const end = unparsed.indexOf('--');
  return unparsed.slice(0, end === -1 ? undefined : end).includes('--json');
}

/** What the command said may not have arrived: that is never a success. */
async function adjustForStdout(io: Io, code: number, called: string | undefined): Promise<number> {
  if (!io.stdoutClosed.aborted) return code;
  const reason = io.stdoutClosed.reason as NodeJS.ErrnoException;
  if (reason.code === 'EPIPE') return exitBrokenPipe;
  const message = `stdout cannot be written (${reason.code}), so output is missing. Check where it goes.`;
  const failure = createLightError('RECAC_PERMISSION_DENIED', message, { resource: 'stdout' });
  await printError(io, failure, { json: false });
  return toErrorStatus(called, 'RECAC_PERMISSION_DENIED');
}
