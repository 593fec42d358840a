import { defaultStateDirectory, findRepository, listRecords, listRescuedWork } from '@recac/workspace-sync';
import type { CommandContext } from '../command-context.ts';
import type { RescueOptions } from '../commands/rescue.ts';
import { exitOk } from '../exit-status.ts';
import { toJsonLine } from '../json-text.ts';
import { describeAge } from '../milliseconds.ts';
import { createReporter } from '../reporter.ts';
import { renderTable } from '../table.ts';

/** `recac rescue`: all work that came back into this repository, and the sessions of this machine whose work may still be in their environments. */
export async function rescueAction(options: RescueOptions, { io }: CommandContext): Promise<number> {
  const reporter = createReporter(io, options);
  const repository = await findRepository(options.workspace ?? process.cwd());
  const work = repository === undefined ? [] : await listRescuedWork(repository);
  const open = await listRecords(defaultStateDirectory());
  if (options.json === true) {
    await io.writeStdout(toJsonLine({ work, sessions: open }));
    return exitOk;
  }
  const now = Date.now();
  const rows = work.map(({ name, reference, date }) => [name, describeAge(now - date.getTime()), reference]);
  if (rows.length > 0) await io.writeStdout(renderTable(['NAME', 'AGE', 'REFERENCE'], rows));
  if (rows.length > 0)
    reporter.note('recac diff NAME shows one; git show REFERENCE and git branch BRANCH REFERENCE work on all');
  for (const { sessionId, backend, path, strategy } of open)
    reporter.note(
      `${sessionId} on ${backend} has files of ${path} (${strategy}): recac pull ${sessionId} brings them back while it runs`,
    );
  if (rows.length === 0 && open.length === 0) reporter.note('nothing to rescue here');
  return exitOk;
}
