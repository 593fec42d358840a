import { abortedError, type ExecResult, RecacError } from '@recac/engine-core';
import { toPathText } from '../byte-path.ts';
import { streamOutput } from '../copy/output-stream.ts';
import { toScriptCommand } from '../script-command.ts';
import { gitExit } from './environment-scripts.ts';
import { HeadReader } from './head-reader.ts';
import { type OtherWorkList, parseOtherWorkList } from './other-work-list.ts';
import { checkObjectName } from './repository.ts';
import { runGit } from './run-git.ts';
import { mostOthers, sendPackScript } from './send-pack-script.ts';
import { explainGitScript, type GitEnds } from './send-snapshot.ts';

/** What the environment holds now. Its objects are in the repository of this machine; no reference names them yet. */
export interface FetchedWork {
  /** The commit that the session stands on. */
  readonly head: string;
  /** A commit on top of it with what is not committed. */
  readonly work: string;
  /** What the session has besides: branches that its HEAD does not hold, tags and stashes. */
  readonly others: OtherWorkList;
  /** Repositories inside the workspace, the first thousand, whose content git does not carry; no submodule that holds nothing of its own. */
  readonly nested: readonly string[];
  /** What git could not read in the workspace, in its words. Default: nothing. */
  readonly problem?: string;
  /** Bytes of the pack. */
  readonly bytes: number;
}

/** Largest pack that is taken. */
const maximumPackBytes = 16 * 1_073_741_824;
const mostNested = 1_000;

/** Lines that say what the session has besides: two more than there may be of that. */
const mostLines = mostOthers + 2;

/** How long the environment may send nothing while it looks at its files: a million of them take minutes on a slow disk. */
const silenceMs = 20 * 60_000;

/** What to fetch. */
export interface FetchOptions {
  /** Ignored paths that are carried all the same. */
  readonly include: readonly string[];
  /** Commits that this machine has; the last of them is what the environment was sent. */
  readonly have: readonly string[];
  /** How long the environment may send nothing. Default: 20 minutes. */
  readonly silenceMs?: number;
}

/**
 * Fetches what the session committed and what it did not. Nothing of the environment is trusted: only objects are taken, each checked (`--strict`,
 * `fsck`: no `.gitmodules` that attacks, no path that leaves the tree, no object missing). Errors: `RECAC_WORKSPACE_GIT_FAILED`, `RECAC_ABORTED`.
 */
export async function fetchWork(ends: GitEnds, { include, have, ...limits }: FetchOptions): Promise<FetchedWork> {
  const { engine, environment, repository, signal } = ends;
  const command = toScriptCommand(sendPackScript, environment.workspacePath, include.join('\n'), ...have);
  const given = new AbortController();
  const any = signal === undefined ? given.signal : AbortSignal.any([signal, given.signal]);
  const { output, result } = streamOutput(engine, environment.id, command, { workingDirectory: '/', signal: any });
  const reader = new HeadReader(output, limits.silenceMs ?? silenceMs);
  const call = { directory: repository.directory, ...(signal === undefined ? {} : { signal }) };
  try {
    const [head, work] = (await reader.readUntil('\n')).split(' ').map(checkObjectName);
    const nested = (await reader.readNames(mostNested)).map(toPathText);
    const others = parseOtherWorkList((await reader.readNames(mostLines)).map(toPathText));
    const limit = `--max-input-size=${maximumPackBytes}`;
    await runGit({
      ...call,
      arguments: ['index-pack', '--stdin', '--fix-thin', '--strict', limit],
      stdin: reader.rest(),
    });
    if (!reader.isAtEnd) throw endless();
    const ended = await result;
    if (ended.exitCode !== 0 && ended.exitCode !== gitExit.incomplete) throw explainGitScript(ended, environment);
    return {
      head: checkObjectName(head),
      work: checkObjectName(work),
      others,
      nested,
      bytes: reader.restBytes,
      ...(ended.exitCode === gitExit.incomplete ? { problem: ended.stderr.trim().slice(-500) } : {}),
    };
  } catch (error) {
    if (!reader.isAtEnd) given.abort();
    // The environment may wait for us to take what it wrote, and its end for that.
    reader.cancel().catch(() => {});
    throw await findCause(error, result, ends);
  } finally {
    await reader.cancel();
  }
}

function endless(): RecacError {
  const message = 'the environment sent more than its work. Look at it with recac shell.';
  return new RecacError('RECAC_WORKSPACE_GIT_FAILED', message);
}

/** A pack that breaks off is the symptom; what ended the command is the cause. */
async function findCause(
  error: unknown,
  result: Promise<ExecResult>,
  { environment, signal }: GitEnds,
): Promise<unknown> {
  if (signal?.aborted) return abortedError('fetching the work', signal.reason);
  const ended = await result.catch(() => undefined);
  const isOwnEnd = ended === undefined || ended.outcome.type === 'cancelled' || ended.exitCode === 0;
  return isOwnEnd ? error : explainGitScript(ended, environment);
}
