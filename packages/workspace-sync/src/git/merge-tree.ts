import { RecacError } from '@recac/engine-core';
import type { Repository } from './repository.ts';
import { type GitAnswer, readGit, runGit } from './run-git.ts';

/** How git ends that does not know a command in this form. */
const usageExit = 129;

/** Merges two commits without a working tree; exit code 1 is a conflict. `settings` and `options`: further arguments before and after the command. Errors: `RECAC_WORKSPACE_UNAVAILABLE` with a git older than 2.38, `RECAC_WORKSPACE_GIT_FAILED`. */
export async function runMergeTree(
  { directory }: Repository,
  commits: readonly [string, string],
  { settings = [], options = [] }: { readonly settings?: readonly string[]; readonly options?: readonly string[] },
): Promise<GitAnswer> {
  const parameters = ['merge-tree', '--write-tree', ...options, '--no-messages', '-z', ...commits];
  const answer = await runGit({ directory, arguments: [...settings, ...parameters], answers: [1, usageExit] });
  if (answer.code !== usageExit) return answer;
  const version = (await readGit({ directory, arguments: ['version'] })).replace(/^git version /, '');
  const message = `git ${version} of this machine cannot merge beside the working tree, as apply and merge do it: that needs git 2.38. Install that or a later one, or take the work by recac checkout; sessions with --sync upload need none.`;
  throw new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { details: { version } });
}
