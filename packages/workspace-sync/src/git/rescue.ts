import { keepOtherWork } from './other-work.ts';
import { type Repository, readTree, resolveReference, setReferences, toReferences } from './repository.ts';
import { readGit } from './run-git.ts';

/** Work of a session that a repository of this machine holds. */
export interface RescuedWork {
  /** Name of the session, as in the branch `recac/<name>`. */
  readonly name: string;
  /** The reference that names the work. */
  readonly reference: string;
  /** Its commit. */
  readonly commit: string;
  /** When it was brought back. */
  readonly date: Date;
}

const prefix = 'refs/recac/';
const earlierPrefix = 'refs/recac-earlier/';
const leftPrefix = 'refs/recac-left/';

/** All work of sessions that the repository holds, newest first: of each the last, what earlier sessions of the same name left, and what is set aside of one while another of its name is worked with. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function listRescuedWork({ directory }: Repository): Promise<readonly RescuedWork[]> {
  const format = '--format=%(refname) %(objectname) %(committerdate:unix)';
  const listed = await readGit({
    directory,
    arguments: ['for-each-ref', '--sort=-committerdate', format, prefix, earlierPrefix, leftPrefix],
  });
  const found: RescuedWork[] = [];
  for (const line of listed.split('\n')) {
    const [reference = '', commit = '', seconds = ''] = line.split(' ');
    const name =
      /^refs\/recac\/([^/]+)\/work$/.exec(reference)?.[1] ??
      /^refs\/recac-earlier\/([^/]+)\/\d+$/.exec(reference)?.[1] ??
      /^refs\/recac-left\/([^/]+)\/[0-9a-f]+\/work$/.exec(reference)?.[1];
    if (name !== undefined) found.push({ name, reference, commit, date: new Date(Number(seconds) * 1_000) });
  }
  return found;
}

/** A new session of a name that was used before must not cover what the earlier one left. */
export async function keepEarlierWork(repository: Repository, sessionId: string): Promise<void> {
  const references = toReferences(sessionId);
  const name = references.work.slice(prefix.length, -'/work'.length);
  const now = Date.now();
  await keepOtherWork(repository, sessionId, now);
  const [start, base, head, work] = await Promise.all(
    [references.start, references.base, references.head, references.work].map((reference) =>
      resolveReference(repository, reference),
    ),
  );
  if (start === undefined || work === undefined) return;
  // Commits may take back what others did, and are work all the same.
  const isHere = head === start || head === base;
  if (isHere && (await readTree(repository, start)) === (await readTree(repository, work))) return;
  await setReferences(repository, { [`${earlierPrefix}${name}/${now}`]: work });
}
