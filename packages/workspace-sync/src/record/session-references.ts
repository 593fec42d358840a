import { access } from 'node:fs/promises';
import { toReferences } from '../git/repository.ts';
import { keepEarlierWork } from '../git/rescue.ts';
import { readGit, runGit } from '../git/run-git.ts';
import { listRecords, saveRecord, type WorkspaceRecord } from './workspace-record.ts';

/** Whose the references of a name are from now on; `path`: the top of the working tree of the repository. */
export type ReferencesOwner = Pick<WorkspaceRecord, 'backend' | 'sessionId' | 'key' | 'path'>;

/**
 * A repository has one set of references for a name, and several environments may bear it: one that ended and whose workspace was kept, one in another cluster. Gives the set to one of them, as it
 * left it; what it was for the one before stands in that one's record. Does nothing for the one that has it. Errors: `RECAC_WORKSPACE_GIT_FAILED`.
 */
export async function takeReferences(stateDirectory: string, owner: ReferencesOwner): Promise<void> {
  const { sessionId, path, key } = owner;
  const before = await readSet(path, sessionId);
  if (before === undefined || before.owner === key) return;
  const records = await listRecords(stateDirectory, owner);
  const earlier = records.find((record) => record.key === before.owner);
  const own = records.find((record) => record.key === key);
  // A session that is about to begin keeps it when it sends its files.
  if (own !== undefined) await keepEarlierWork({ directory: path }, sessionId);
  const lines = [
    `update ${toMark(sessionId, key)} ${await writeNothing(path)}`,
    `delete ${toPin(key)}`,
    `delete ${toPin(key)}-applied`,
  ];
  if (before.owner !== undefined) lines.push(`delete ${toMark(sessionId, before.owner)}`);
  const base = before.references[toReferences(sessionId).base];
  if (earlier !== undefined && base !== undefined) {
    await saveRecord(stateDirectory, { ...earlier, references: before.references });
    lines.push(`update ${toPin(earlier.key)} ${base}`);
    const applied = before.references[toReferences(sessionId).applied];
    if (applied !== undefined) lines.push(`update ${toPin(earlier.key)}-applied ${applied}`);
  }
  if (own?.references !== undefined)
    for (const reference of [toReferences(sessionId).choice, toReferences(sessionId).applied])
      if (own.references[reference] === undefined) lines.push(`delete ${reference}`);
  for (const [reference, commit] of Object.entries(own?.references ?? {})) lines.push(`update ${reference} ${commit}`);
  await runGit({ directory: path, arguments: ['update-ref', '--stdin'], stdin: `${lines.join('\n')}\n` });
}

interface ReferenceSet {
  readonly references: Readonly<Record<string, string>>;
  readonly owner: string | undefined;
}

/** Undefined where there is no repository. */
async function readSet(directory: string, sessionId: string): Promise<ReferenceSet | undefined> {
  // A directory that is gone is reported by the strategy, in better words.
  const isThere = await access(directory).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const { origin, choice, start, base, head, work, applied } = toReferences(sessionId);
  const mark = toMark(sessionId, '');
  const { code, output } = await runGit({
    directory,
    arguments: ['for-each-ref', '--format=%(refname) %(objectname)', start.replace(/\/start$/, '/')],
    answers: [128],
  });
  if (code !== 0) return undefined;
  const rows = output.toString().split('\n');
  const pairs = rows.map((row) => row.split(' ') as [string, string]);
  const owner = pairs.find(([name]) => name.startsWith(mark))?.[0].slice(mark.length);
  return {
    owner,
    references: Object.fromEntries(
      pairs.filter(([name]) => [origin, choice, start, base, head, work, applied].includes(name)),
    ),
  };
}

/** A reference whose name says whose the set is; what it stands for says nothing. */
function toMark(sessionId: string, key: string): string {
  return toReferences(sessionId).start.replace(/start$/, `of-${key}`);
}

/** Keeps what an environment was sent, and with `-applied` what was taken over from it, from being cleaned away while the references are another's. */
function toPin(key: string): string {
  return `refs/recac-left/${key}`;
}

function writeNothing(directory: string): Promise<string> {
  return readGit({ directory, arguments: ['hash-object', '-w', '--stdin'], stdin: '' });
}
