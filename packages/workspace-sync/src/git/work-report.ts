import { type HarvestReport, RecacError } from '@recac/engine-core';
import { describeOtherWork, listOtherWork } from './other-work.ts';
import { type Repository, resolveReference, toReferences } from './repository.ts';
import { readGit } from './run-git.ts';

/** The commits that say what a session did. */
export interface SessionWork {
  /** What the session began with. */
  readonly start: string;
  /** What both sides had in common. */
  readonly base: string;
  /** The commit that the session stands on. */
  readonly head: string;
  /** Its whole work. */
  readonly work: string;
}

/** What a repository knows of a session. Errors: `RECAC_WORKSPACE_UNAVAILABLE` when that is nothing. */
export async function findWork(repository: Repository, sessionId: string): Promise<SessionWork> {
  const references = toReferences(sessionId);
  const [start, base, head, work] = await Promise.all(
    [references.start, references.base, references.head, references.work].map((name) =>
      resolveReference(repository, name),
    ),
  );
  if (start !== undefined && base !== undefined && head !== undefined && work !== undefined)
    return { start, base, head, work };
  const message = `${repository.directory} holds no work of a session ${JSON.stringify(sessionId)}. See recac rescue.`;
  throw new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { details: { sessionId, path: repository.directory } });
}

/** How much a session did, for people and programs. Errors: as {@link findWork}. */
export async function measureWork(repository: Repository, sessionId: string): Promise<HarvestReport> {
  const { directory } = repository;
  const { base, head, work } = await findWork(repository, sessionId);
  const { branch } = toReferences(sessionId);
  const numbers = await readGit({
    directory,
    arguments: ['diff-tree', '-r', '--numstat', '--no-renames', '--no-ext-diff', '--no-textconv', base, work],
  });
  const rows = numbers
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
  const added = rows.reduce((sum, [lines]) => sum + (Number(lines) || 0), 0);
  const removed = rows.reduce((sum, [, lines]) => sum + (Number(lines) || 0), 0);
  const commits = Number(await readGit({ directory, arguments: ['rev-list', '--count', head, `^${base}`] }));
  const report = { branch, commits, changedFiles: rows.length, lines: { added, removed } };
  const others = describeOtherWork(sessionId, await listOtherWork(repository, sessionId));
  const besides = others === undefined ? '' : `; besides ${others}`;
  if (rows.length === 0 && commits === 0) return { ...report, summary: `nothing changed on ${branch}${besides}` };
  const summary = `${branch}: ${count(commits, 'commit')}, ${count(rows.length, 'file')} changed, +${added} -${removed} lines${besides}`;
  return { ...report, summary, nextCommand: `recac diff ${sessionId}, then recac apply ${sessionId}` };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
