import { abortedError, type ExecResult, RecacError } from '@recac/engine-core';
import { streamOutput } from '../copy/output-stream.ts';
import { gitExit, sendPackScript } from './environment-scripts.ts';
import { checkObjectName } from './repository.ts';
import { runGit } from './run-git.ts';
import { explainGitScript, type GitEnds } from './send-snapshot.ts';

/** What the environment holds now. Its objects are in the repository of this machine; no reference names them yet. */
export interface FetchedWork {
  /** The commit that the session stands on. */
  readonly head: string;
  /** A commit on top of it with what is not committed. */
  readonly work: string;
  /** Repositories inside the workspace, whose content git does not carry. */
  readonly nested: readonly string[];
  /** What git could not read in the workspace, in its words. Default: nothing. */
  readonly problem?: string;
  /** Bytes of the pack. */
  readonly bytes: number;
}

/** Largest pack that is taken. */
const maximumPackBytes = 16 * 1_073_741_824;
const maximumHeadBytes = 1_048_576;

/**
 * Fetches what the session committed and what it did not. Nothing of the environment is trusted: only objects are taken, each checked (`--strict`,
 * `fsck`: no `.gitmodules` that attacks, no path that leaves the tree, no object missing). Errors: `RECAC_WORKSPACE_GIT_FAILED`, `RECAC_ABORTED`.
 */
export async function fetchWork(
  ends: GitEnds,
  { include, have }: { readonly include: readonly string[]; readonly have: readonly string[] },
): Promise<FetchedWork> {
  const { engine, environment, repository, signal } = ends;
  const command = ['/bin/sh', '-c', sendPackScript, 'recac', environment.workspacePath, include.join('\n'), ...have];
  const options = { workingDirectory: '/', ...(signal === undefined ? {} : { signal }) };
  const { output, result } = streamOutput(engine, environment.id, command, options);
  const reader = new HeadReader(output);
  const call = { directory: repository.directory, ...(signal === undefined ? {} : { signal }) };
  try {
    const [head, work] = (await reader.readUntil('\n')).split(' ').map(checkObjectName);
    const nested: string[] = [];
    for (let name = await reader.readUntil('\0'); name !== ''; name = await reader.readUntil('\0'))
      nested.push(Buffer.from(name, 'latin1').toString());
    const limit = `--max-input-size=${maximumPackBytes}`;
    await runGit({
      ...call,
      arguments: ['index-pack', '--stdin', '--fix-thin', '--strict', limit],
      stdin: reader.rest(),
    });
    const ended = await result;
    if (ended.exitCode !== 0 && ended.exitCode !== gitExit.incomplete) throw explainGitScript(ended, environment);
    const problem = ended.exitCode === gitExit.incomplete ? { problem: ended.stderr.trim().slice(-500) } : {};
    return { head: checkObjectName(head), work: checkObjectName(work), nested, bytes: reader.restBytes, ...problem };
  } catch (error) {
    throw await findCause(error, result, ends);
  }
}

/** A pack that breaks off is the symptom; what ended the command is the cause. */
async function findCause(
  error: unknown,
  result: Promise<ExecResult>,
  { environment, signal }: GitEnds,
): Promise<unknown> {
  if (signal?.aborted) return abortedError('fetching the work', signal.reason);
  const ended = await result;
  const isOwnEnd = ended.outcome.type === 'cancelled' || ended.exitCode === 0;
  return isOwnEnd ? error : explainGitScript(ended, environment);
}

/** Reads lines from the beginning of a stream, and gives the rest as it is. */
class HeadReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #buffer = '';
  restBytes = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async readUntil(end: string): Promise<string> {
    for (;;) {
      const at = this.#buffer.indexOf(end);
      if (at !== -1) {
        const text = this.#buffer.slice(0, at);
        this.#buffer = this.#buffer.slice(at + 1);
        return text;
      }
      const next = await this.#source.next();
      if (next.done || this.#buffer.length > maximumHeadBytes)
        throw new RecacError(
          'RECAC_WORKSPACE_GIT_FAILED',
          'the environment sent no work. Look at it with recac shell.',
        );
      this.#buffer += Buffer.from(next.value).toString('latin1');
    }
  }

  async *rest(): AsyncGenerator<Uint8Array, void, undefined> {
    this.restBytes = this.#buffer.length;
    if (this.#buffer !== '') yield Buffer.from(this.#buffer, 'latin1');
    for (let next = await this.#source.next(); !next.done; next = await this.#source.next()) {
      this.restBytes += next.value.length;
      yield next.value;
    }
  }
}
