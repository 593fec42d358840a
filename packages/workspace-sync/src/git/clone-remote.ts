import { invalidArgument, RecacError, type TransferReport, type WorkspaceSeed } from '@recac/engine-core';
import { toScriptCommand } from '../script-command.ts';
import { nothingMoved } from '../strategy/nothing-moved.ts';
import { cloneScript, gitExit, nameSeedScript, seedScript } from './environment-scripts.ts';
import { fetchWork } from './fetch-work.ts';
import type { GitHistory } from './find-history.ts';
import { checkRemoteUrl } from './remote-url.ts';
import { checkObjectName, type Repository, resolveReference, setReferences, toReferences } from './repository.ts';
import { keepEarlierWork } from './rescue.ts';
import { readGit, runGit } from './run-git.ts';
import { explainGitScript, type GitEnds, runGitScript } from './send-snapshot.ts';

/** What an environment clones by itself. */
export interface RemoteChoice {
  /** Address of the repository, or the name of a remote of this machine's one, such as `origin`. */
  readonly remote: string;
  /** Branch. Default: the one that is checked out here, else the remote's own. */
  readonly branch?: string;
  /** History that it gets; `none` is one commit. Default: `full`. */
  readonly history?: GitHistory;
  /** Secret with `password`, and maybe `username` and `ca.crt`, for a remote that wants one. Default: none. */
  readonly secretName?: string;
}

/** A remote that was looked up and checked. */
export interface ResolvedRemote {
  /** Its address. */
  readonly url: string;
  /** The branch; empty for the remote's own. */
  readonly branch: string;
  /** Commits that it gets; 0 for all. */
  readonly depth: number;
  /** Secret with the credential. Default: none. */
  readonly secretName?: string;
}

/** Where the container that clones sees the Secret. */
const secretPath = '/run/recac-secret';

/** More commits than these are not named when it is asked for what is missing here. */
const mostKnown = 100;

/** Looks up and checks what is to be cloned; contacts nobody. Errors: `RECAC_INVALID_ARGUMENT`, `RECAC_WORKSPACE_UNAVAILABLE`. */
export async function resolveRemote(repository: Repository, choice: RemoteChoice): Promise<ResolvedRemote> {
  const { directory } = repository;
  const { history = 'full', secretName } = choice;
  const current = async (): Promise<string> => {
    const { output } = await runGit({
      directory,
      arguments: ['symbolic-ref', '--quiet', '--short', 'HEAD'],
      answers: [1],
    });
    return output.toString().trim();
  };
  const branch = choice.branch ?? (await current());
  if (branch !== '') await checkBranch(repository, branch);
  const depth = history === 'full' ? 0 : history === 'none' ? 1 : history;
  const url = checkRemoteUrl(await findUrl(repository, choice.remote));
  if (secretName === undefined) return { url, branch, depth };
  if (!url.startsWith('https://'))
    throw invalidArgument('workspace.remote', 'must be https with kubernetes.git_secret', 'Use its https address.');
  return { url, branch, depth, secretName };
}

/** What clones before anything else runs, where there is a Secret that nothing else may see. */
export function toSeed({ url, branch, depth, secretName }: ResolvedRemote): WorkspaceSeed | undefined {
  if (secretName === undefined) return undefined;
  const parameters = ['.', url, branch, 'recac-seed', String(depth), secretPath];
  return { command: toScriptCommand(seedScript, ...parameters), secretName, secretPath };
}

/**
 * Lets the environment clone, and brings the commit that it begins with here, so that what it does later can be compared with it. Nothing of this machine's working tree goes in.
 * Errors: `RECAC_WORKSPACE_GIT_FAILED` with git's words.
 */
export async function cloneRemote(ends: GitEnds, remote: ResolvedRemote): Promise<TransferReport> {
  const { url, branch, depth, secretName } = remote;
  const { repository, environment } = ends;
  const references = toReferences(environment.sessionId);
  const result =
    secretName === undefined
      ? await runGitScript(ends, cloneScript, [url, branch, references.branch, String(depth)])
      : await runGitScript(ends, nameSeedScript, [references.branch]);
  if (result.exitCode === gitExit.noRemote) throw notCloned(url, result.stderr);
  if (result.exitCode !== 0) throw explainGitScript(result, environment);
  const [start, shallow] = result.stdout.trim().split(' ');
  const commit = checkObjectName(start);
  const known = (await resolveReference(repository, commit)) !== undefined;
  if (!known && shallow === 'true') throw notKnown(url, commit);
  const have = known ? [commit] : await listKnown(repository);
  const { bytes } = await fetchWork(ends, { include: [], have });
  await keepEarlierWork(repository, environment.sessionId);
  await setReferences(repository, {
    [references.origin]: commit,
    [references.choice]: undefined,
    [references.start]: commit,
    [references.base]: commit,
    [references.head]: commit,
    [references.work]: commit,
  });
  return { ...nothingMoved, bytes };
}

async function findUrl({ directory }: Repository, remote: string): Promise<string> {
  if (!/^[A-Za-z0-9_][\w.-]*$/.test(remote)) return remote;
  const { code, output } = await runGit({
    directory,
    arguments: ['config', '--get', `remote.${remote}.url`],
    answers: [1],
  });
  if (code === 0) return output.toString().trim();
  const message = `the repository ${directory} has no remote named ${remote}. Name one of those that git remote lists, or an address, in workspace.remote.`;
  throw new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { details: { path: directory, remote } });
}

async function checkBranch({ directory }: Repository, branch: string): Promise<void> {
  const { code } = await runGit({
    directory,
    arguments: ['check-ref-format', `refs/heads/${branch}`],
    answers: [1, 128, 129],
  });
  if (code === 0 && !branch.startsWith('-')) return;
  const message = 'workspace.branch must be the name of a branch. Name one that git branch --remotes lists.';
  throw new RecacError('RECAC_INVALID_ARGUMENT', message, {
    details: { field: 'workspace.branch', rule: 'must be the name of a branch' },
  });
}

/** The tips of branches and remote branches here: what they lead to need not come. */
async function listKnown({ directory }: Repository): Promise<readonly string[]> {
  const listed = await readGit({
    directory,
    arguments: [
      'for-each-ref',
      '--sort=-committerdate',
      `--count=${mostKnown}`,
      '--format=%(objectname)',
      'refs/heads',
      'refs/remotes',
    ],
  });
  return [...new Set(listed.split('\n').filter((line) => line !== ''))];
}

function notCloned(url: string, stderr: string): RecacError {
  const said = stderr.trim().split('\n').slice(-3).join(' ').slice(0, 500);
  const message = `the environment could not clone ${url}: ${said}. It reaches other machines only with --network internet or open; a remote that wants to know who asks needs kubernetes.git_secret.`;
  return new RecacError('RECAC_WORKSPACE_GIT_FAILED', message, { details: { url } });
}

function notKnown(url: string, commit: string): RecacError {
  const message = `${url} is at commit ${commit}, which the repository here does not have, and a short history cannot be compared with it. Run git fetch here first, or set workspace.history to full.`;
  return new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { details: { url, commit } });
}
