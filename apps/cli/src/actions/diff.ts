import { invalidArgument } from '@recac/engine-core';
import { describeOtherWork, listOtherWork, readDifference } from '@recac/workspace-sync';
import type { CommandContext } from '../command-context.ts';
import type { DiffOptions } from '../commands/diff.ts';
import { escapeText } from '../escape-text.ts';
import { toBase64Field } from '../exec-report.ts';
import { exitOk } from '../exit-status.ts';
import { toJsonLine } from '../json-text.ts';
import { createReporter } from '../reporter.ts';
import { openSessionRepository } from '../session-repository.ts';

/** `recac diff`: the patch as git writes it; on a terminal nothing in it can move the cursor. */
export async function diffAction(name: string, options: DiffOptions, { io }: CommandContext): Promise<number> {
  if (options.stat === true && options.nameStatus === true)
    throw invalidArgument('--stat', 'and --name-status exclude each other', 'Leave one out.');
  const reporter = createReporter(io, options);
  const repository = await openSessionRepository(name, options, reporter);
  const format = options.stat === true ? 'stat' : options.nameStatus === true ? 'names' : 'patch';
  const text = await readDifference(repository, name, format);
  if (options.json === true) {
    const bytes = toBase64Field('differenceBase64', text);
    await io.writeStdout(toJsonLine({ session: name, format, difference: text.toString(), ...bytes }));
  } else if (io.isTerminal('stdout')) await io.writeStdout(toLines(text.toString()));
  else await io.writeStdout(text);
  const others = describeOtherWork(name, await listOtherWork(repository, name));
  if (others !== undefined) reporter.note(`the session has besides: ${others}`);
  return exitOk;
}

function toLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.split('\t').map(escapeText).join('\t'))
    .join('\n');
}
