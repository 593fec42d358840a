import type { OtherWorkList } from './other-work-list.ts';
import { type Repository, toReferencePrefix, updateReferences } from './repository.ts';
import { readGit, runGit } from './run-git.ts';

/** Something that a session has besides the commits of its HEAD and its files. */
export interface OtherWork {
  /** Its name below the references of the session: `heads/<branch>`, `tags/<tag>` or `stash/<number>`. */
  readonly name: string;
  /** Its object. */
  readonly object: string;
}

const kinds = ['heads', 'tags', 'stash'] as const;

/** Most bytes that one step of a name may have: a file of it needs some for itself. */
const longestStep = 200;

/** One line of an environment, checked: undefined for a name that git would not have, or that would be no file here. */
export function parseOtherWork(line: string): OtherWork | undefined {
  const [, object = '', name = ''] = /^([0-9a-f]{40}|[0-9a-f]{64}) refs\/((?:heads|tags|stash)\/.+)$/s.exec(line) ?? [];
  const steps = name.split('/');
  // The rules of git-check-ref-format(1).
  const isWrong = steps.some((step) => step === '' || step.startsWith('.') || step.endsWith('.lock'));
  const isRefused = /[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\.$/.test(name);
  const isLong = steps.some((step) => Buffer.byteLength(step) > longestStep) || name.length > 1_000;
  return object === '' || isWrong || isRefused || isLong ? undefined : { name, object };
}

/** What a repository holds of a session besides, by name. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function listOtherWork({ directory }: Repository, sessionId: string): Promise<readonly OtherWork[]> {
  const prefix = toReferencePrefix(sessionId);
  const listed = await readGit({
    directory,
    arguments: ['for-each-ref', '--format=%(objectname) %(refname)', ...kinds.map((kind) => `${prefix}${kind}/`)],
  });
  const rows = listed.split('\n').filter((row) => row !== '');
  return rows.map((row) => {
    const [object = '', reference = ''] = row.split(' ');
    return { object, name: reference.slice(prefix.length) };
  });
}

/**
 * Sets the references of what a session has besides. Those that it has no more go, where the list is complete; else they stay, and what another one takes the place of is kept below `refs/recac-earlier/`. Errors:
 * `RECAC_WORKSPACE_GIT_FAILED`.
 */
export async function storeOtherWork(
  repository: Repository,
  sessionId: string,
  { found, isSame, isComplete }: Pick<OtherWorkList, 'found' | 'isSame' | 'isComplete'>,
): Promise<void> {
  const prefix = toReferencePrefix(sessionId);
  const before = await listOtherWork(repository, sessionId);
  const now = new Map(found.map(({ name, object }) => [name, object]));
  const gone = before.filter(({ name }) => !now.has(name));
  // One name may be a step of another one that takes its place, which git does not do at once.
  if (isComplete)
    await updateReferences(
      repository,
      gone.map(({ name }) => `delete ${prefix}${name}`),
    );
  else {
    const objects = new Set(now.values());
    const replaced = before.filter(
      ({ name, object }) => now.has(name) && !objects.has(object) && (!isSame || name.startsWith('stash/')),
    );
    const kept = await listContained(repository, replaced, now);
    const names = [...now.keys()];
    const inTheWay = gone.filter(({ name }) =>
      names.some((other) => other.startsWith(`${name}/`) || name.startsWith(`${other}/`)),
    );
    await move(repository, {
      sessionId,
      to: toEarlierPrefix(sessionId, Date.now()),
      found: [...replaced.filter(({ name }) => !kept.has(name)), ...inTheWay],
    });
  }
  await updateReferences(
    repository,
    found.map(({ name, object }) => `update ${prefix}${name} ${object}`),
  );
}

/** Branches whose commit is a part of the history of what takes its place: nothing is lost without it. */
async function listContained(
  { directory }: Repository,
  replaced: readonly OtherWork[],
  now: ReadonlyMap<string, string>,
): Promise<ReadonlySet<string>> {
  const contained = new Set<string>();
  // Of a tag or a stash more is lost than history: its message, its name.
  for (const { name, object } of replaced.filter((one) => one.name.startsWith('heads/'))) {
    const words = ['merge-base', '--is-ancestor', object, now.get(name) ?? ''];
    const { code } = await runGit({ directory, arguments: words, answers: [1, 128] });
    if (code === 0) contained.add(name);
  }
  return contained;
}

/** Moves what a repository holds of a session besides to where earlier work is kept. `time`: in milliseconds, a part of the name. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function keepOtherWork(repository: Repository, sessionId: string, time: number): Promise<void> {
  const found = await listOtherWork(repository, sessionId);
  await move(repository, { sessionId, to: toEarlierPrefix(sessionId, time), found });
}

async function move(
  repository: Repository,
  { sessionId, to, found }: { readonly sessionId: string; readonly to: string; readonly found: readonly OtherWork[] },
): Promise<void> {
  const prefix = toReferencePrefix(sessionId);
  await updateReferences(
    repository,
    found.flatMap(({ name, object }) => [`update ${to}${name} ${object}`, `delete ${prefix}${name}`]),
  );
}

/** What a session has besides, for people; undefined for nothing. */
export function describeOtherWork(sessionId: string, found: readonly OtherWork[]): string | undefined {
  if (found.length === 0) return undefined;
  const shown = found.slice(0, 5).map(({ name }) => name.replace(/\p{C}/gu, '?'));
  const more = found.length > shown.length ? ` and ${found.length - shown.length} more` : '';
  return `${shown.join(', ')}${more} below ${toReferencePrefix(sessionId)}`;
}

function toEarlierPrefix(sessionId: string, time: number): string {
  return `${toReferencePrefix(sessionId).replace('refs/recac/', 'refs/recac-earlier/')}${time}.others/`;
}
