import { applyWork, checkoutWork, mergeWork } from '@recac/workspace-sync';
import type { CommandContext } from '../command-context.ts';
import { exitFailed, exitOk } from '../exit-status.ts';
import { toJsonLine } from '../json-text.ts';
import { createReporter, type Reporter } from '../reporter.ts';
import { openSessionRepository, type RepositoryOptions } from '../session-repository.ts';

/** `recac apply`: the work comes into the working tree, uncommitted; exit code 1 when both sides changed the same place. */
export async function applyAction(name: string, options: RepositoryOptions, { io }: CommandContext): Promise<number> {
  const reporter = createReporter(io, options);
  const repository = await openSessionRepository(name, options, reporter);
  const { changed, conflicts, skipped, pointers } = await applyWork(repository, name);
  if (options.json === true)
    await io.writeStdout(
      toJsonLine({ session: name, path: repository.directory, changed, conflicts, skipped, pointers }),
    );
  reporter.note(
    changed.length === 0 ? 'nothing to apply' : `${changed.length} files changed in ${repository.directory}`,
  );
  for (const { path, saved } of conflicts)
    reporter.problem(
      `changed on both sides: ${path} is as it was${saved === undefined ? '; the session removed it' : `, the version of ${name} is ${saved}`}`,
    );
  for (const path of pointers)
    reporter.note(
      `left out, because only a commit says which one a submodule is at (recac merge ${name} brings it): ${path}`,
    );
  noteLeftOut(reporter, { skipped });
  return conflicts.length === 0 ? exitOk : exitFailed;
}

/** `recac merge`: the work comes as commits into the branch that is checked out. */
export async function mergeAction(name: string, options: RepositoryOptions, { io }: CommandContext): Promise<number> {
  const reporter = createReporter(io, options);
  const repository = await openSessionRepository(name, options, reporter);
  const made = await mergeWork(repository, name);
  if (options.json === true) await io.writeStdout(toJsonLine({ session: name, path: repository.directory, ...made }));
  reporter.note(`merged ${made.branch} in ${repository.directory}`);
  noteLeftOut(reporter, made);
  return exitOk;
}

/** `recac checkout`: a branch with the work, switched to. */
export async function checkoutAction(
  name: string,
  options: RepositoryOptions,
  { io }: CommandContext,
): Promise<number> {
  const reporter = createReporter(io, options);
  const repository = await openSessionRepository(name, options, reporter);
  const made = await checkoutWork(repository, name);
  if (options.json === true) await io.writeStdout(toJsonLine({ session: name, path: repository.directory, ...made }));
  reporter.note(`switched to ${made.branch} in ${repository.directory}`);
  noteLeftOut(reporter, made);
  return exitOk;
}

function noteLeftOut(
  reporter: Reporter,
  { skipped, ignored = [] }: { readonly skipped: readonly string[]; readonly ignored?: readonly string[] },
): void {
  for (const path of skipped) reporter.note(`left out, because it leads out of the workspace: ${path}`);
  for (const path of ignored)
    reporter.note(
      `left out, because it is ignored, excluded or filtered here (recac apply brings its changes): ${path}`,
    );
}
