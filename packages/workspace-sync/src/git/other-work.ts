import { type Repository, toReferences } from './repository.ts';
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
  const prefix = toPrefix(sessionId);
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

/** Sets the references of what a session has besides; those that it has no more go. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function storeOtherWork(
  repository: Repository,
  sessionId: string,
  found: readonly OtherWork[],
): Promise<void> {
  const prefix = toPrefix(sessionId);
  const before = await listOtherWork(repository, sessionId);
  const now = new Set(found.map(({ name }) => name));
  const gone = before.filter(({ name }) => !now.has(name)).map(({ name }) => `delete ${prefix}${name}`);
  // One name may be a step of another one that takes its place, which git does not do at once.
  await update(repository, gone);
  await update(
    repository,
    found.map(({ name, object }) => `update ${prefix}${name} ${object}`),
  );
}

/** Moves what a repository holds of a session besides below another prefix. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function moveOtherWork(repository: Repository, sessionId: string, to: string): Promise<void> {
  const found = await listOtherWork(repository, sessionId);
  await update(
    repository,
    found.flatMap(({ name, object }) => [`update ${to}${name} ${object}`, `delete ${toPrefix(sessionId)}${name}`]),
  );
}

/** What a session has besides, for people; undefined for nothing. */
export function describeOtherWork(sessionId: string, found: readonly OtherWork[]): string | undefined {
  if (found.length === 0) return undefined;
  const shown = found.slice(0, 5).map(({ name }) => name.replace(/\p{C}/gu, '?'));
  const more = found.length > shown.length ? ` and ${found.length - shown.length} more` : '';
  return `${shown.join(', ')}${more} below ${toPrefix(sessionId)}`;
}

function toPrefix(sessionId: string): string {
  return toReferences(sessionId).start.replace(/start$/, '');
}

async function update({ directory }: Repository, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await runGit({ directory, arguments: ['update-ref', '--stdin'], stdin: `${lines.join('\n')}\n` });
}
