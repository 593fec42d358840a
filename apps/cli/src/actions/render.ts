import { renderSession } from '@recac/session';
import { stringify } from 'yaml';
import type { CommandContext } from '../command-context.ts';
import type { StartCommandOptions } from '../commands/start.ts';
import { exitOk } from '../exit-status.ts';
import { toJsonLine } from '../json-text.ts';
import { openEngine } from '../open-engine.ts';
import { createReporter } from '../reporter.ts';
import { toStartOptions, validateStartOptions } from '../start-options.ts';

/** `recac render`: the objects of `recac start`, one YAML document each; what only the cluster can tell, and a start adds, is said on stderr. */
export async function renderAction(options: StartCommandOptions, { io }: CommandContext): Promise<number> {
  validateStartOptions(options);
  const opened = await openEngine(options);
  await using _engine = opened.engine;
  const reporter = createReporter(io, options);
  const objects = await renderSession({
    ...(await toStartOptions(options, opened, { io })),
    onEvent: (event) => {
      if (event.type === 'warning') reporter.note(`warning: ${event.message}`);
    },
  });
  await io.writeStdout(options.json === true ? toJsonLine(objects) : objects.map(toYaml).join('---\n'));
  return exitOk;
}

/** As kubectl reads it, which knows YAML 1.1: what that would take for a date or a truth value is quoted. */
function toYaml(object: unknown): string {
  return stringify(object, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 });
}
