import { invalidArgument, type KeptWorkspace } from '@recac/engine-core';
import { rescueSession } from '@recac/session';
import { defaultStateDirectory, findRepository, listRecords, listRescuedWork } from '@recac/workspace-sync';
import type { CommandContext } from '../command-context.ts';
import type { RescueOptions } from '../commands/rescue.ts';
import { toErrorReport } from '../error-report.ts';
import { exitFailed, exitOk } from '../exit-status.ts';
import { reportHarvest } from '../harvest-report.ts';
import { toJsonLine } from '../json-text.ts';
import { describeAge } from '../milliseconds.ts';
import { openEngine } from '../open-engine.ts';
import { createReporter, type Reporter } from '../reporter.ts';
import { renderTable } from '../table.ts';

/** `recac rescue`: what there is to rescue; with a name, the work of a session whose environment has ended. */
export function rescueAction(
  name: string | undefined,
  options: RescueOptions,
  context: CommandContext,
): Promise<number> {
  if (name !== undefined) return rescueOne(name, options, context);
  if (options.discard === true) throw invalidArgument('name', 'must be given with --discard', 'Name one session.');
  return listAll(options, context);
}

async function rescueOne(name: string, options: RescueOptions, { io }: CommandContext): Promise<number> {
  await using engine = (await openEngine(options)).engine;
  const reporter = createReporter(io, options);
  const { report, remains } = await rescueSession(engine, name, { discard: options.discard === true });
  if (options.json === true) await io.writeStdout(toJsonLine({ session: name, report, remains }));
  reportHarvest(reporter, report);
  if (remains !== undefined)
    reporter.note(`${name} is given up; its files stay in ${remains} until you delete them there`);
  else if (report === undefined)
    reporter.note(
      options.discard === true
        ? `nothing of ${name} is kept any more`
        : `${name} runs again over its files, but this machine does not know where they belong: recac cp ${name}:. DIR copies them, recac stop ${name} ends it and keeps them, then recac rescue --discard ${name} deletes them`,
    );
  return (report?.conflicts ?? []).length === 0 ? exitOk : exitFailed;
}

/** All work that came back into this repository, what is kept of sessions that have ended, and the sessions of this machine whose work may still be in their environments. */
async function listAll(options: RescueOptions, { io }: CommandContext): Promise<number> {
  const reporter = createReporter(io, options);
  const repository = await findRepository(options.workspace ?? process.cwd());
  const work = repository === undefined ? [] : await listRescuedWork(repository);
  const open = await listRecords(defaultStateDirectory(), {}, { onDamaged: ({ message }) => reporter.note(message) });
  const kept = await listKept(options, reporter);
  if (options.json === true) {
    await io.writeStdout(toJsonLine({ work, sessions: open, kept }));
    return exitOk;
  }
  const now = Date.now();
  const rows = work.map(({ name, reference, date }) => [name, describeAge(now - date.getTime()), reference]);
  if (rows.length > 0) await io.writeStdout(renderTable(['NAME', 'AGE', 'REFERENCE'], rows));
  if (rows.length > 0)
    reporter.note('recac diff NAME shows one; git show REFERENCE and git branch BRANCH REFERENCE work on all');
  for (const { sessionId, createdAt } of kept)
    reporter.note(
      `${sessionId}, begun ${describeAge(now - createdAt.getTime())} ago, ended without a stop and its files are kept: recac rescue ${sessionId} brings them back, recac rescue --discard ${sessionId} gives them up`,
    );
  const isKept = new Set(kept.map(({ sessionId }) => sessionId));
  for (const { sessionId, backend, path, strategy } of open)
    if (!isKept.has(sessionId))
      reporter.note(
        `${sessionId} on ${backend} has files of ${path} (${strategy}): recac pull ${sessionId} brings them back while it runs, recac rescue ${sessionId} once it has ended`,
      );
  if (rows.length + open.length + kept.length === 0) reporter.note('nothing to rescue here');
  return exitOk;
}

/** A backend that does not answer hides nothing else: the rest is listed all the same. */
async function listKept(options: RescueOptions, reporter: Reporter): Promise<readonly KeptWorkspace[]> {
  try {
    await using engine = (await openEngine(options)).engine;
    return engine.capabilities.keptWorkspaces ? await engine.listKeptWorkspaces() : [];
  } catch (error) {
    reporter.note(`what is kept could not be listed: ${toErrorReport(error).message}`);
    return [];
  }
}
