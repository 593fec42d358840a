import { RecacError } from '@recac/engine-core';
import { type Repository, resolveReference, toReferences, updateReferences } from './repository.ts';
import { readGit } from './run-git.ts';

/**
 * Lets the branch of a session name a commit. Only what recac itself made is moved, and only where no working tree stands on it. Errors: `RECAC_WORKSPACE_CONFLICT`, when somebody else
 * moved the branch or it is checked out; `RECAC_WORKSPACE_GIT_FAILED`.
 */
export async function moveBranch(repository: Repository, sessionId: string, commit: string): Promise<void> {
  const { directory } = repository;
  const { branch, made } = toReferences(sessionId);
  const reference = `refs/heads/${branch}`;
  const before = await resolveReference(repository, reference);
  if (before === commit) return;
  const place = await findCheckout(repository, reference);
  if (place !== undefined) throw checkedOut(branch, place === directory ? 'here' : `in ${place}`);
  if (before !== undefined && before !== (await resolveReference(repository, made))) throw notOurs(branch);
  const expected = before ?? '0'.repeat(commit.length);
  await updateReferences(repository, [`update ${reference} ${commit} ${expected}`, `update ${made} ${commit}`]);
}

/** The working tree that stands on a branch. */
async function findCheckout({ directory }: Repository, reference: string): Promise<string | undefined> {
  const listed = await readGit({ directory, arguments: ['worktree', 'list', '--porcelain'] });
  for (const block of listed.split('\n\n')) {
    const lines = block.split('\n');
    if (lines.includes(`branch ${reference}`)) return lines[0]?.replace(/^worktree /, '');
  }
  return undefined;
}

function checkedOut(branch: string, where: string): RecacError {
  const message = `the branch ${branch} is checked out ${where}. Switch to another one there first.`;
  return new RecacError('RECAC_WORKSPACE_CONFLICT', message, { details: { branch } });
}

function notOurs(branch: string): RecacError {
  const message = `the branch ${branch} is not where recac left it, and would lose commits. Keep it under another name with git branch -m ${branch} NEW-NAME, or give it up with git branch -D ${branch}, and try again.`;
  return new RecacError('RECAC_WORKSPACE_CONFLICT', message, { details: { branch } });
}
