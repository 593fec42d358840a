import { abortedError, type Environment, type ExecResult, RecacError } from '@recac/engine-core';
import { lastWords, withoutTar } from '../copy/copy-error.ts';
import { runForPieces } from '../run-for-pieces.ts';
import { toScriptCommand } from '../script-command.ts';
import { noBase64Exit, type ScriptInput, toInputArgument, toStream } from '../small-input.ts';
import { receiveExit } from './receive-script.ts';
import type { SyncEnds } from './send-changes.ts';

/** What a script is called with, after the workspace. */
export interface ScriptCall {
  /** Its parameters. */
  readonly parameters: readonly string[];
  /** What it reads; the parameter after those says how. Default: nothing, and there is no such parameter. */
  readonly input?: ScriptInput;
  /** Parameters after that one. Default: none. */
  readonly further?: readonly Uint8Array[];
  /** Told of each piece of its output. */
  readonly onOutput?: (piece: Uint8Array) => void;
}

/** Runs a script in the workspace of an environment. Errors: those of `exec`, `RECAC_ABORTED`, and those of {@link explain} when it fails. */
export async function runScript(ends: SyncEnds, script: string, call: ScriptCall): Promise<void> {
  const { engine, environment, signal } = ends;
  const { parameters, input, further = [], onOutput } = call;
  const words = [
    environment.workspacePath,
    ...parameters,
    ...(input === undefined ? [] : [toInputArgument(input)]),
    ...further,
  ];
  const result = await runForPieces(engine, environment.id, toScriptCommand(script, ...words), {
    ...(input?.type === 'stream' ? { stdin: input.pieces, lostStdin: 'end' } : {}),
    workingDirectory: '/',
    ...(onOutput === undefined ? {} : { onStdout: onOutput }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (result.outcome.type === 'cancelled') throw abortedError('sending the workspace', signal?.reason);
  if (result.exitCode === noBase64Exit && input?.type === 'inline')
    return runScript(ends, script, { ...call, input: toStream(input) });
  if (result.exitCode !== 0) throw explain(result, environment);
}

/** Why the environment did not take or give files. */
export function explain(result: ExecResult, environment: Environment): RecacError {
  const { sessionId, workspacePath } = environment;
  if (result.exitCode === receiveExit.noTar) return withoutTar();
  const said = lastWords(result);
  const problem =
    result.exitCode === receiveExit.notReadable
      ? 'cannot be entered'
      : result.exitCode === receiveExit.notWritable
        ? 'cannot be written to'
        : result.exitCode === receiveExit.incomplete
          ? 'did not get all files; nothing was changed'
          : result.exitCode === receiveExit.otherwise
            ? 'changed again and again while files were sent; nothing was changed'
            : result.exitCode === receiveExit.inTheWay
              ? 'has something in the way of what is sent; nothing was changed'
              : `does not take or give files: ${said}`;
  return new RecacError(
    'RECAC_WORKSPACE_UNAVAILABLE',
    `the workspace ${workspacePath} of ${sessionId} ${problem}. Look at it with recac shell ${sessionId}.`,
    { details: { exitCode: result.exitCode, outcome: result.outcome } },
  );
}
