import { readFile, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { RecacError, toEnvironmentName } from '@recac/engine-core';
import { readGit, runGit } from './run-git.ts';

/** A repository of this machine with a working tree. */
export interface Repository {
  /** The top of its working tree, absolute, links resolved. */
  readonly directory: string;
}

/** How git says that there is none. A repository that git refuses or cannot read says something else. */
const isNoRepository =
  /: fatal: (not a git repository \(or any|this operation must be run in a work tree|cannot use bare repository)/;

/**
 * The repository whose working tree is exactly this directory; undefined when it is none, or only part of one. Errors: `RECAC_WORKSPACE_UNAVAILABLE` without git, `RECAC_WORKSPACE_GIT_FAILED`
 * for one that git refuses, since it belongs to another user or is broken.
 */
export async function findRepository(directory: string): Promise<Repository | undefined> {
  const found = await readGit({ directory, arguments: ['rev-parse', '--show-toplevel'] }).catch((error: unknown) => {
    if (RecacError.isInstance(error) && isNoRepository.test(error.message)) return undefined;
    throw error;
  });
  if (found === undefined) return undefined;
  const top = await realpath(found);
  return top === (await realpath(directory)) ? { directory: top } : undefined;
}

/** The names under which a repository keeps what belongs to a session. */
export interface SessionReferences {
  /** The branch of the session, in its environment and on this machine. */
  readonly branch: string;
  /** HEAD of this machine when the session began, or the commit that the environment cloned; missing where there was none. */
  readonly origin: string;
  /** What was sent first. */
  readonly start: string;
  /** What was sent last: the state that both sides had in common. */
  readonly base: string;
  /** The commit that the session stands on. */
  readonly head: string;
  /** A commit on top of it with everything that the session did not commit. */
  readonly work: string;
  /** What was included and excluded when the session began; missing where nothing was excluded. It names no commit. */
  readonly choice: string;
  /** A commit on top of the work that was applied last, since something was last sent, with what of it came over; missing where none was. */
  readonly applied: string;
  /** The working tree of this machine before work was applied to it, while that is done and where it left files that are not as they were; of later tries with a number, such as `before.2`. */
  readonly before: string;
  /** Where the branch was put on this machine, by which it is known whether somebody else moved it; missing before it is made. */
  readonly made: string;
}

/** How the references of a session begin: `refs/recac/NAME/`. */
export function toReferencePrefix(sessionId: string): string {
  return `refs/recac/${toSessionPart(sessionId)}/`;
}

function toSessionPart(sessionId: string): string {
  return toEnvironmentName(sessionId).replace(/^recac-agent-/, '');
}

/** The references of a session. They lie outside of branches and tags, so that no command of the user's lists or pushes them. */
export function toReferences(sessionId: string): SessionReferences {
  const prefix = toReferencePrefix(sessionId);
  return {
    branch: `recac/${toSessionPart(sessionId)}`,
    origin: `${prefix}origin`,
    start: `${prefix}start`,
    base: `${prefix}base`,
    head: `${prefix}head`,
    work: `${prefix}work`,
    choice: `${prefix}choice`,
    applied: `${prefix}applied`,
    before: `${prefix}before`,
    made: `${prefix}made`,
  };
}

/** The object that a reference names; undefined when there is none. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function resolveReference({ directory }: Repository, reference: string): Promise<string | undefined> {
  const { code, output } = await runGit({
    directory,
    arguments: ['rev-parse', '--quiet', '--verify', '--end-of-options', `${reference}^{commit}`],
    answers: [1, 128],
  });
  return code === 0 ? output.toString().trim() : undefined;
}

const gitPaths = new Map<string, Promise<string>>();

/** Where a repository keeps something of its own, such as `index`: absolute, and the same while we work with it. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export function findGitPath({ directory }: Repository, name: string): Promise<string> {
  const key = `${directory}\0${name}`;
  let found = gitPaths.get(key);
  if (found === undefined) {
    found = readGit({ directory, arguments: ['rev-parse', '--git-path', name] }).then((path) =>
      resolve(directory, path),
    );
    gitPaths.set(key, found);
    found.catch(() => gitPaths.delete(key));
  }
  return found;
}

/** Whether the file of a reference, which goes before all else that a repository knows of it, names an object. It may name it without such a file: then this says no. */
export async function isInReferenceFile(repository: Repository, reference: string, object: string): Promise<boolean> {
  const text = await readFile(await findGitPath(repository, reference), 'latin1').catch(() => '');
  return text.trim() === object;
}

/** Sets references all at once; undefined takes one away. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function setReferences(
  repository: Repository,
  values: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const lines = Object.entries(values).map(([reference, object]) =>
    object === undefined ? `delete ${reference}` : `update ${reference} ${object}`,
  );
  await updateReferences(repository, lines);
}

/** The tree of a commit. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export function readTree({ directory }: Repository, commit: string): Promise<string> {
  return readGit({ directory, arguments: ['rev-parse', '--verify', `${commit}^{tree}`] });
}

/** The name of an object, checked. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export function checkObjectName(text: string | undefined): string {
  if (text !== undefined && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text)) return text;
  const message = 'the environment names an object that is none. Look at its repository with recac shell.';
  throw new RecacError('RECAC_WORKSPACE_GIT_FAILED', message);
}

/** Changes references all at once or not at all, by the lines of `git update-ref --stdin`. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function updateReferences({ directory }: Repository, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await runGit({ directory, arguments: ['update-ref', '--stdin'], stdin: `${lines.join('\n')}\n` });
}
