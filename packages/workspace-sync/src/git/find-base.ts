import { RecacError } from '@recac/engine-core';
import { readBaseScript } from './environment-scripts.ts';
import { rememberFirst, snapshotMessage } from './first-push.ts';
import type { GitOptions } from './git-workspace.ts';
import { readExclude } from './read-exclude.ts';
import { isInReferenceFile, type Repository, resolveReference, setReferences, toReferences } from './repository.ts';
import { readGit } from './run-git.ts';
import { type GitEnds, runGitScript } from './send-snapshot.ts';

/**
 * What was sent to an environment before; undefined where nothing was. A reference that an earlier session of the same name left says nothing of this one, so the environment is asked. `sent`: what this process sent to it last.
 * Errors: `RECAC_WORKSPACE_CONFLICT` where it has what somebody else sent.
 */
export async function findBase(
  ends: GitEnds,
  choice: GitOptions,
  sent: string | undefined,
): Promise<string | undefined> {
  const { repository, environment } = ends;
  const reference = toReferences(environment.sessionId).base;
  if (sent !== undefined && (await isInReferenceFile(repository, reference, sent))) return sent;
  const known = await resolveReference(repository, reference);
  return known === undefined || known === sent ? known : findBaseThere(ends, choice);
}

/**
 * What the environment says that it was sent last; undefined where it says nothing. Where a push was cut after the environment had taken it, the references here are set to that. Errors: `RECAC_WORKSPACE_CONFLICT` where this machine
 * did not send it.
 */
export async function findBaseThere(ends: GitEnds, choice: GitOptions): Promise<string | undefined> {
  const { repository, environment } = ends;
  const { base } = toReferences(environment.sessionId);
  const there = (await runGitScript(ends, readBaseScript, [])).stdout.trim();
  if (there === '') return undefined;
  const known = await resolveReference(repository, base);
  if (there === known) return known;
  const parents = await readSnapshotParents(repository, there);
  if (parents === undefined) throw sentByOthers(environment.sessionId);
  if (known !== undefined && parents.includes(known)) await setReferences(repository, { [base]: there });
  else {
    const exclude = await readExclude(repository, choice.exclude ?? []);
    await rememberFirst(ends, { include: choice.include ?? [], exclude }, there);
  }
  return there;
}

/** The parents of a commit that this machine made of its working tree; undefined for any other. */
async function readSnapshotParents(repository: Repository, commit: string): Promise<readonly string[] | undefined> {
  if (!/^[0-9a-f]{40,64}$/.test(commit) || (await resolveReference(repository, commit)) === undefined) return undefined;
  const text = await readGit({
    directory: repository.directory,
    arguments: ['show', '--no-patch', '--format=%ce%n%s%n%P', commit],
  });
  const [committer, subject, parents = ''] = text.split('\n');
  return committer === 'recac@localhost' && subject === snapshotMessage ? parents.split(' ') : undefined;
}

function sentByOthers(sessionId: string): RecacError {
  const message = `the workspace of ${sessionId} holds files that were not sent from this repository, or of which it no longer knows, and they would be overwritten. Nothing was changed there. Bring them here first with recac pull ${sessionId}, or copy them with recac cp ${sessionId}:. DIR, and begin a session of another name.`;
  return new RecacError('RECAC_WORKSPACE_CONFLICT', message, { details: { sessionId } });
}
