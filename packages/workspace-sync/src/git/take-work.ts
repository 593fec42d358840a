import { RecacError } from '@recac/engine-core';
import { createCommit } from './create-snapshot.ts';
import { moveBranch } from './move-branch.ts';
import { checkObjectName, type Repository, readTree, resolveReference, toReferences } from './repository.ts';
import { readGit, runGit } from './run-git.ts';
import { findWork } from './work-report.ts';

/** A branch of this machine that holds what a session did. */
export interface WorkBranch {
  /** Its name, such as `recac/brave-otter`. */
  readonly branch: string;
  /** The commit that it names. */
  readonly commit: string;
}

/**
 * The changes of a session as a patch. Errors: `RECAC_WORKSPACE_UNAVAILABLE`, `RECAC_WORKSPACE_GIT_FAILED`.
 *
 * @param format `patch`, `stat` for a summary, or `names`.
 */
export async function readDifference(
  repository: Repository,
  sessionId: string,
  format: 'patch' | 'stat' | 'names' = 'patch',
): Promise<Buffer> {
  const { base, work } = await findWork(repository, sessionId);
  const formats = { patch: ['--patch', '--binary'], stat: ['--stat=100'], names: ['--name-status'] };
  const parameters = [
    'diff',
    '--no-ext-diff',
    '--no-textconv',
    '--find-renames',
    '--no-color',
    ...formats[format],
    base,
    work,
  ];
  return (await runGit({ directory: repository.directory, arguments: parameters })).output;
}

/**
 * Makes the branch `recac/<session>` of this machine: the session's commits, standing on the commit that the workspace was at, and one with what the session did not
 * commit. What was not committed here when the session began is a commit of its own before them. A branch of that
 * name with commits of somebody else is not moved. Errors: `RECAC_WORKSPACE_UNAVAILABLE`, `RECAC_WORKSPACE_GIT_FAILED`, `RECAC_WORKSPACE_CONFLICT` as {@link moveBranch}.
 */
export async function createWorkBranch(repository: Repository, sessionId: string): Promise<WorkBranch> {
  const { directory } = repository;
  const { start, head, work } = await findWork(repository, sessionId);
  const listed = await readGit({ directory, arguments: ['rev-list', '--topo-order', '--reverse', head, `^${start}`] });
  const names = new Map([[start, await standOnOrigin(repository, start, sessionId)]]);
  for (const commit of listed.split('\n').filter((line) => line !== ''))
    names.set(commit, await copyCommit(repository, commit, names));
  let commit = names.get(head) ?? (await standOnOrigin(repository, start, sessionId));
  if ((await readTree(repository, work)) !== (await readTree(repository, head)))
    commit = await createCommit(repository, {
      tree: await readTree(repository, work),
      parents: [commit],
      message: `Uncommitted work of ${sessionId}`,
      date: await readDate(repository, work),
    });
  await moveBranch(repository, sessionId, commit);
  return { branch: toReferences(sessionId).branch, commit };
}

/** Merges the branch of a session into the branch that is checked out. A merge that would conflict is not begun. Errors: `RECAC_WORKSPACE_CONFLICT`, as {@link createWorkBranch}. */
export async function mergeWork(repository: Repository, sessionId: string): Promise<WorkBranch> {
  const { directory } = repository;
  const made = await createWorkBranch(repository, sessionId);
  const tried = await runGit({
    directory,
    arguments: ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', 'HEAD', made.commit],
    answers: [1],
  });
  const conflicts = tried.output
    .toString()
    .split('\0')
    .slice(1)
    .filter((name) => name !== '');
  if (tried.code === 1) {
    const message = `merging ${made.branch} conflicts in ${[...new Set(conflicts)].join(', ')}; nothing was changed. Resolve it with git merge ${made.branch}, or use recac apply ${sessionId}.`;
    throw new RecacError('RECAC_WORKSPACE_CONFLICT', message, { details: { conflicts, branch: made.branch } });
  }
  await runGit({
    directory,
    arguments: ['merge', '--no-edit', '--no-verify', '-q', made.branch],
    variables: await readIdentity(repository),
  });
  return made;
}

/** Switches to the branch of a session. What is not committed here stays, or git refuses. Errors: `RECAC_WORKSPACE_GIT_FAILED`, as {@link createWorkBranch}. */
export async function checkoutWork(repository: Repository, sessionId: string): Promise<WorkBranch> {
  const made = await createWorkBranch(repository, sessionId);
  await runGit({ directory: repository.directory, arguments: ['switch', '-q', made.branch] });
  return made;
}

/** What the session began with, standing on the commit that this machine was at then. */
async function standOnOrigin(repository: Repository, start: string, sessionId: string): Promise<string> {
  const origin = await resolveReference(repository, toReferences(sessionId).origin);
  if (origin === undefined) return start;
  const tree = await readTree(repository, start);
  if (tree === (await readTree(repository, origin))) return origin;
  const date = await readDate(repository, start);
  return createCommit(repository, { tree, parents: [origin], message: `Workspace when ${sessionId} began`, date });
}

function readDate({ directory }: Repository, commit: string): Promise<string> {
  return readGit({ directory, arguments: ['show', '--no-patch', '--format=%cd', '--date=raw', commit] });
}

/** The same commit, with author, dates and message, on the copies of its parents. */
async function copyCommit(
  { directory }: Repository,
  commit: string,
  names: ReadonlyMap<string, string>,
): Promise<string> {
  const raw = (await runGit({ directory, arguments: ['cat-file', 'commit', commit] })).output.toString('latin1');
  const end = raw.indexOf('\n\n');
  const header = raw
    .slice(0, end)
    .replace(/^gpgsig[^\n]*(\n [^\n]*)*\n?/m, '')
    .replace(/^parent (\w+)$/gm, (_, parent: string) => `parent ${names.get(parent) ?? parent}`);
  const stdin = Buffer.from(header.trimEnd() + raw.slice(end), 'latin1');
  const { output } = await runGit({ directory, arguments: ['hash-object', '-t', 'commit', '-w', '--stdin'], stdin });
  return checkObjectName(output.toString().trim());
}

/** The user's own name for the merge commit, where git knows one. */
async function readIdentity({ directory }: Repository): Promise<Readonly<Record<string, string>>> {
  const read = async (name: string): Promise<string> =>
    (await runGit({ directory, arguments: ['config', '--get', name], answers: [1] })).output.toString().trim();
  const [name, email] = [await read('user.name'), await read('user.email')];
  if (name === '' || email === '') return {};
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}
