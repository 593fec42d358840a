import { RecacError, type TransferReport } from '@recac/engine-core';
import { toPathText } from '../byte-path.ts';
import type { IgnoreChoice } from '../ignore/ignore-rules.ts';
import { nothingMoved } from '../strategy/nothing-moved.ts';
import { createCommit, createSnapshot, type Snapshot } from './create-snapshot.ts';
import { gitExit, listHeldScript } from './environment-scripts.ts';
import { storeChoice } from './excluded.ts';
import { listStored } from './filtered.ts';
import { findHistory } from './find-history.ts';
import type { GitOptions } from './git-workspace.ts';
import { listAbove } from './list-above.ts';
import { readExclude } from './read-exclude.ts';
import { readIgnored } from './read-ignored.ts';
import { replacePaths } from './replace-paths.ts';
import { type Repository, resolveReference, setReferences, toReferences } from './repository.ts';
import { keepEarlierWork } from './rescue.ts';
import { runGit } from './run-git.ts';
import { explainGitScript, type GitEnds, runGitScript, type SnapshotToSend, sendSnapshot } from './send-snapshot.ts';

/** What was sent first. */
export interface FirstPush {
  /** The commit that both sides have in common. */
  readonly commit: string;
  /** What went in. */
  readonly report: TransferReport;
  /** What is left out of this and of later pushes. */
  readonly exclude: readonly string[];
}

/** Of the commits that hold the working tree. */
export const snapshotMessage = 'Workspace';

/**
 * Sends the working tree to an environment that got nothing yet. What the workspace holds already stays: what is the same there counts as sent, and what differs as changed on both sides. Errors: `RECAC_WORKSPACE_CONFLICT`, with
 * `details.exitCode`, where it holds a repository of a session; `RECAC_WORKSPACE_GIT_FAILED`.
 */
export async function pushFirst(ends: GitEnds, options: GitOptions): Promise<FirstPush> {
  const { repository, environment } = ends;
  const { include = [] } = options;
  const exclude = await readExclude(repository, options.exclude ?? []);
  const { branch } = toReferences(environment.sessionId);
  const { parents, shallow } = await findHistory(repository, options.history);
  const snapshot = await createSnapshot(repository, { include, exclude, parents, message: snapshotMessage });
  const ignored = await readIgnored(repository);
  const isNew = (await resolveReference(repository, toReferences(environment.sessionId).base)) === undefined;
  const toSend = { branch, commit: snapshot.commit, ignored, shallow, isNew };
  const sent = await sendSnapshot(ends, toSend).then(
    (bytes) => ({ commit: snapshot.commit, bytes, conflicts: [] }),
    (error: unknown) => {
      if (!RecacError.isInstance(error) || error.details.exitCode !== gitExit.occupied) throw error;
      return sendBeside(ends, toSend, parents);
    },
  );
  await rememberFirst(ends, { include, exclude }, sent.commit);
  const { submodules } = snapshot as Snapshot;
  const skipped = [...submodules, ...(await listStored(repository, sent.commit)).map(toPathText)];
  const { bytes, conflicts } = sent;
  const changed = (await listPaths(repository, sent.commit)).length;
  return {
    commit: sent.commit,
    exclude,
    report: { ...nothingMoved, changed, bytes, skipped, conflicts: conflicts.map(toPathText) },
  };
}

/** From now on the references say what this session began with. Earlier work of its name is kept. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function rememberFirst(
  { repository, environment }: GitEnds,
  choice: IgnoreChoice,
  commit: string,
): Promise<void> {
  const references = toReferences(environment.sessionId);
  await keepEarlierWork(repository, environment.sessionId);
  await setReferences(repository, {
    [references.origin]: await resolveReference(repository, 'HEAD'),
    [references.choice]: await storeChoice(repository, choice),
    [references.applied]: undefined,
    [references.start]: commit,
    [references.base]: commit,
    [references.head]: commit,
    [references.work]: commit,
  });
}

/** The objects are there: looks what the workspace holds, and sends the rest. */
async function sendBeside(
  ends: GitEnds,
  snapshot: SnapshotToSend,
  parents: readonly string[],
): Promise<{ readonly commit: string; readonly bytes: number; readonly conflicts: readonly string[] }> {
  const { repository, environment } = ends;
  const stored = snapshot.commit;
  const held = await runGitScript(ends, listHeldScript, [stored]);
  if (held.exitCode !== 0) throw explainGitScript(held, environment);
  const names = Buffer.from(held.stdoutData).toString('latin1').split('\0');
  const end = names.indexOf('');
  const conflicts = new Set(names.slice(0, end));
  const others = new Set(names.slice(end + 1).filter((name) => name !== ''));
  const above = new Set([...others].flatMap(listAbove));
  for (const path of await listPaths(repository, stored))
    if (above.has(path) || listAbove(path).some((name) => others.has(name))) conflicts.add(path);
  const paths = [...conflicts];
  const tree = await replacePaths(repository, { commit: stored, paths });
  const commit =
    paths.length === 0 ? stored : await createCommit(repository, { tree, parents, message: snapshotMessage });
  return { commit, bytes: await sendSnapshot(ends, { ...snapshot, commit, stored, keep: true }), conflicts: paths };
}

async function listPaths({ directory }: Repository, commit: string): Promise<readonly string[]> {
  const { output } = await runGit({ directory, arguments: ['ls-tree', '-r', '-z', '--name-only', commit] });
  return output.toString('latin1').split('\0').slice(0, -1);
}
