import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { printError, toErrorReport } from './error-report.ts';
import { exitBrokenPipe, exitOk, toErrorStatus } from './exit-status.ts';
import { createIo, type Io } from './io.ts';
import { createLightError } from './light-error.ts';
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
  try {
    const program = await createProgram(context, called);
    captureOutput(program, output);
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (isHelpShown(error)) {
      await io.writeStdout(output.help);
      return exitOk;
    }
    const failure = toUsageError(error, called);
    await printError(io, failure, { json: asksForJson(argv) });
    return toErrorStatus(called, toErrorReport(failure).code);
  }
}

function captureOutput(program: Command, output: { help: string }): void {
  for (const command of [program, ...program.commands, ...program.commands.flatMap((child) => child.commands)]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        output.help += text;
      },
      writeErr: () => {},
      outputError: () => {},
    });
  }
}

function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? undefined : end).includes('--json');
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
