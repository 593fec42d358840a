import { RecacError } from '@recac/engine-core';
import { toPathText } from '../byte-path.ts';
import { createCommit } from './create-snapshot.ts';
import { readChoice } from './excluded.ts';
import { listFiltered } from './filtered.ts';
import { findLeftOut, readCleanTree } from './left-out.ts';
import { runMergeTree } from './merge-tree.ts';
import { moveBranch } from './move-branch.ts';
import { checkObjectName, type Repository, readTree, resolveReference, toReferences } from './repository.ts';
import { readGit, runGit } from './run-git.ts';
import { listTreeChanges, makeEmptyTree } from './tree-changes.ts';
import { findWork } from './work-report.ts';
import { WorkingTree } from './working-tree.ts';

/** A branch of this machine that holds what a session did. */
export interface WorkBranch {
  /** Its name, such as `recac/brave-otter`. */
  readonly branch: string;
  /** The commit that it names. */
  readonly commit: string;
  /** Links that lead out of the workspace, which are not in it. */
  readonly skipped: readonly string[];
  /** Paths that the session changed and git ignores here, such as one of `workspace.include`, `workspace.exclude` kept from it, or a filter of git would change; they are not in it. */
  readonly ignored: readonly string[];
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
  const maximumOutputBytes = Number.POSITIVE_INFINITY;
  return (await runGit({ directory: repository.directory, arguments: parameters, maximumOutputBytes })).output;
}

/**
 * Makes the branch `recac/<session>` of this machine: the session's commits, standing on the commit that the workspace was at, and one with what the session did not
 * commit. What was not committed here when the session began is a commit of its own before them, and that is where commits begin that the session made without relation to it, since it rewrote the first or made the repository anew. A branch of that
 * name with commits of somebody else is not moved. Errors: `RECAC_WORKSPACE_UNAVAILABLE`, `RECAC_WORKSPACE_GIT_FAILED`, `RECAC_WORKSPACE_CONFLICT` as {@link moveBranch}.
 */
async function createWorkBranch(repository: Repository, sessionId: string): Promise<WorkBranch> {
  const { directory } = repository;
  const session = await findWork(repository, sessionId);
  const { start, head, work } = session;
  const references = toReferences(sessionId);
  const origin = await resolveReference(repository, references.origin);
  const leftOut = await findLeftOut(repository, session, { origin, choice: await readChoice(repository, sessionId) });
  const toTree = (commit: string): Promise<string> => readCleanTree(repository, commit, leftOut);
  const listed = await readGit({ directory, arguments: ['rev-list', '--topo-order', '--reverse', head, `^${start}`] });
  const first = await standOnOrigin(repository, { start, tree: await toTree(start), origin, sessionId });
  const names = new Map([[start, first]]);
  const root = (await isRelated(repository, start, head)) ? undefined : first;
  for (const commit of listed.split('\n').filter((line) => line !== ''))
    names.set(commit, await copyCommit(repository, { commit, tree: await toTree(commit), names, root }));
  let commit = names.get(head) ?? first;
  const tree = await toTree(work);
  // The session may stand on a commit from before its beginning, and then its files are not as they were then.
  if (tree !== (await readTree(repository, commit)))
    commit = await createCommit(repository, {
      tree,
      parents: [commit],
      message: `Uncommitted work of ${sessionId}`,
      date: await readDate(repository, work),
    });
  await moveBranch(repository, sessionId, commit);
  const links = [...leftOut.links].map((link) => toPathText(link.slice(link.indexOf('\t') + 1)));
  return {
    branch: references.branch,
    commit,
    skipped: [...new Set(links)],
    ignored: leftOut.changed.map(toPathText),
  };
}

/** Merges the branch of a session into the branch that is checked out. A merge that would conflict is not begun. Errors: `RECAC_WORKSPACE_CONFLICT`, as {@link createWorkBranch} and {@link runMergeTree}. */
export async function mergeWork(repository: Repository, sessionId: string): Promise<WorkBranch> {
  const { directory } = repository;
  const made = await createWorkBranch(repository, sessionId);
  const head = await resolveReference(repository, 'HEAD');
  const target = head === undefined ? made.commit : await tryMerge(repository, { made, head, sessionId });
  await refuseOverwriting(repository, { made, target, sessionId });
  await refuseUnfiltered(repository, { made, target, command: 'git merge' });
  await runGit({
    directory,
    arguments: ['merge', ...mergeOptions, '-q', made.branch],
    variables: await readIdentity(repository),
  });
  return made;
}

/** They go before those of the branch's configuration; a stash would look into submodules, which runs programs of theirs. */
const mergeOptions = ['--no-edit', '--no-verify', '--no-gpg-sign', '--no-autostash', '--no-overwrite-ignore'];

/** The tree that a merge makes. */
async function tryMerge(
  repository: Repository,
  { made, head, sessionId }: { readonly made: WorkBranch; readonly head: string; readonly sessionId: string },
): Promise<string> {
  const { code, output } = await runMergeTree(repository, [head, made.commit], { options: ['--name-only'] });
  const [tree = '', ...conflicts] = output.toString().split('\0');
  if (code === 0) return tree;
  const paths = [...new Set(conflicts.filter((name) => name !== ''))];
  const message = `merging ${made.branch} conflicts in ${paths.join(', ')}; nothing was changed. Resolve it with git merge ${made.branch}, or use recac apply ${sessionId}.`;
  throw new RecacError('RECAC_WORKSPACE_CONFLICT', message, { details: { conflicts: paths, branch: made.branch } });
}

/** Switches to the branch of a session. What is not committed here stays, or git refuses. Errors: `RECAC_WORKSPACE_GIT_FAILED`, as {@link createWorkBranch}. */
export async function checkoutWork(repository: Repository, sessionId: string): Promise<WorkBranch> {
  const made = await createWorkBranch(repository, sessionId);
  await refuseOverwriting(repository, { made, target: made.commit, sessionId });
  await refuseUnfiltered(repository, { made, target: made.commit, command: 'git switch' });
  await runGit({
    directory: repository.directory,
    arguments: ['switch', '--no-overwrite-ignore', '-q', made.branch],
  });
  return made;
}

/** Files that git does not know are in no commit: what lies where others would come stays. */
async function refuseOverwriting(
  repository: Repository,
  { made, target, sessionId }: { readonly made: WorkBranch; readonly target: string; readonly sessionId: string },
): Promise<void> {
  const paths = (await new WorkingTree(repository).listInTheWay(target)).map(toPathText);
  if (paths.length === 0) return;
  const message = `${made.branch} has files where there is something here that git does not track: ${paths.slice(0, 10).join(', ')}; nothing was changed. Move it away or commit it, or use recac apply ${sessionId}.`;
  throw new RecacError('RECAC_WORKSPACE_CONFLICT', message, { details: { paths, branch: made.branch } });
}

/** We run no filter, so a file of one would lie here as git stores it: a pointer of LFS, for example. */
async function refuseUnfiltered(
  repository: Repository,
  { made, target, command }: { readonly made: WorkBranch; readonly target: string; readonly command: string },
): Promise<void> {
  const head = (await resolveReference(repository, 'HEAD')) ?? (await makeEmptyTree(repository));
  const changes = await listTreeChanges(repository, head, target);
  const written = changes.filter(({ newMode }) => newMode !== '000000').map(({ path }) => path);
  const [now, then] = await Promise.all([listFiltered(repository, written), listFiltered(repository, written, target)]);
  const paths = written.filter((path) => now.has(path) || then.has(path)).map(toPathText);
  if (paths.length === 0) return;
  const message = `${made.branch} has other versions of files that a filter of git such as LFS changes, and recac runs none: ${paths.slice(0, 10).join(', ')}; nothing was changed. Use ${command} ${made.branch}.`;
  throw new RecacError('RECAC_WORKSPACE_CONFLICT', message, { details: { paths, branch: made.branch } });
}

interface Beginning {
  readonly start: string;
  readonly tree: string;
  readonly origin: string | undefined;
  readonly sessionId: string;
}

/** What the session began with, standing on the commit that this machine was at then. */
async function standOnOrigin(repository: Repository, { start, tree, origin, sessionId }: Beginning): Promise<string> {
  if (tree === (await readTree(repository, origin ?? start))) return origin ?? start;
  const parents = origin === undefined ? [] : [origin];
  const date = await readDate(repository, start);
  return createCommit(repository, { tree, parents, message: `Workspace when ${sessionId} began`, date });
}

async function isRelated({ directory }: Repository, one: string, other: string): Promise<boolean> {
  return (await runGit({ directory, arguments: ['merge-base', one, other], answers: [1] })).code === 0;
}

function readDate({ directory }: Repository, commit: string): Promise<string> {
  return readGit({ directory, arguments: ['show', '--no-patch', '--format=%cd', '--date=raw', commit] });
}

interface CommitToCopy {
  readonly commit: string;
  readonly tree: string;
  /** Copies of the commits before it. */
  readonly names: ReadonlyMap<string, string>;
  /** Parent of a commit that has none. Default: it stays so. */
  readonly root: string | undefined;
}

/** The same commit, with author, dates and message, of another tree and on the copies of its parents. */
async function copyCommit({ directory }: Repository, { commit, tree, names, root }: CommitToCopy): Promise<string> {
  const raw = (await runGit({ directory, arguments: ['cat-file', 'commit', commit] })).output.toString('latin1');
  const end = raw.indexOf('\n\n');
  const own = raw.slice(0, end);
  const parent = root === undefined || /^parent /m.test(own) ? '' : `\nparent ${root}`;
  const header = own
    .replace(/^tree \w+/, `tree ${tree}${parent}`)
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
