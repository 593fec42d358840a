import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Environment } from '@recac/engine-core';
import { findGitPath, type Repository, toReferencePrefix, toReferences, updateReferences } from '../git/repository.ts';
import { keepEarlierWork } from '../git/rescue.ts';
import { readGit } from '../git/run-git.ts';
import { listRecords, loadRecord, toRecordKey } from './workspace-record.ts';

/**
 * A repository has one set of references for a name, and several environments may bear it: one that ended and whose workspace was kept, one of another backend or in another cluster. Gives the set to one of them, as it left it; that of
 * one before, of which this machine has a record, is kept below `refs/recac-left/<name>/<key>/` until it is given back. Nothing of a set that is not its own is left to an environment whose own is not known. Costs no command for the one
 * that has it. To be called in the turn of the session. Errors: `RECAC_WORKSPACE_GIT_FAILED`, `RECAC_WORKSPACE_UNAVAILABLE` for a record of the name that is damaged.
 */
export async function takeReferences(
  repository: Repository,
  environment: Environment,
  stateDirectory: string,
): Promise<void> {
  const { sessionId } = environment;
  const first = toRecordKey(environment);
  if (await isMarked(repository, sessionId, first)) return;
  const key = (await loadRecord(stateDirectory, environment))?.key ?? first;
  const { owner, references, left } = await readSets(repository, sessionId, key);
  if (owner === key) return;
  const records = await listRecords(stateDirectory, { sessionId });
  const isRecorded = (one: string | undefined): boolean => records.some((record) => record.key === one);
  const isNew = left.size === 0 && !isRecorded(key);
  const isKept = owner !== undefined && isRecorded(owner);
  // What a session that begins finds, it keeps when it sends its files.
  if (!isKept && !isNew) await keepEarlierWork(repository, sessionId);
  const { base } = toReferences(sessionId);
  const isForeign = isKept || (!isNew && (owner !== undefined || left.size > 0));
  const gone = isForeign ? [...references.keys()].filter((name) => !isNew || name !== base) : [];
  const from = toReferencePrefix(sessionId);
  // One branch may be a step of the name of another one, so that they do not go and come at once.
  await updateReferences(repository, [
    ...(isKept ? [...references].map(([name, object]) => `update ${toLeft(name, owner)} ${object}`) : []),
    ...gone.map((name) => `delete ${name}`),
    ...(owner === undefined ? [] : [`delete ${from}of-${owner}`]),
  ]);
  await updateReferences(repository, [
    ...[...left].map(([name, object]) => `update ${name} ${object}`),
    ...[...left.keys()].map((name) => `delete ${toLeft(name, key)}`),
    `update ${from}of-${key} ${await writeNothing(repository)}`,
  ]);
}

interface ReferenceSets {
  /** Whose the set is. */
  readonly owner: string | undefined;
  /** The set: names and objects. */
  readonly references: ReadonlyMap<string, string>;
  /** That of the one that asks, by the names that it had. */
  readonly left: ReadonlyMap<string, string>;
}

async function readSets({ directory }: Repository, sessionId: string, key: string): Promise<ReferenceSets> {
  const prefix = toReferencePrefix(sessionId);
  const leftPrefix = toLeft(prefix, key);
  const listed = await readGit({
    directory,
    arguments: ['for-each-ref', '--format=%(objectname) %(refname)', prefix, leftPrefix],
  });
  let owner: string | undefined;
  const references = new Map<string, string>();
  const left = new Map<string, string>();
  for (const row of listed.split('\n')) {
    const name = row.slice(row.indexOf(' ') + 1);
    const object = row.slice(0, row.indexOf(' '));
    if (name.startsWith(leftPrefix)) left.set(prefix + name.slice(leftPrefix.length), object);
    else if (name.startsWith(`${prefix}of-`)) owner = name.slice(`${prefix}of-`.length);
    // Those say something of this machine's files and branch, whoever's work it was.
    else if (name.startsWith(prefix) && !/^(made|before(\.\d+)?)$/.test(name.slice(prefix.length)))
      references.set(name, object);
  }
  return { owner, references, left };
}

/** Whether the set is marked as that of an environment by a file; without one it may be all the same. */
async function isMarked(repository: Repository, sessionId: string, key: string): Promise<boolean> {
  const { base } = toReferences(sessionId);
  const file = join(dirname(await findGitPath(repository, base)), `of-${key}`);
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Where a reference is kept while the set is another one's. */
function toLeft(name: string, key: string): string {
  return name.replace(/^refs\/recac\/([^/]+)\//, `refs/recac-left/$1/${key}/`);
}

/** A reference whose name says whose the set is; what it stands for says nothing. */
function writeNothing({ directory }: Repository): Promise<string> {
  return readGit({ directory, arguments: ['hash-object', '-w', '--stdin'], stdin: '' });
}
