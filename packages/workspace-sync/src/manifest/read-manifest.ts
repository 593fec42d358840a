import { abortedError, type ContainerEngine, type Environment, RecacError } from '@recac/engine-core';
import { lastWords } from '../copy/copy-error.ts';
import type { IgnoreRules } from '../ignore/ignore-rules.ts';
import { runForPieces } from '../run-for-pieces.ts';
import { toScriptCommand } from '../script-command.ts';
import type { ManifestEntry } from './manifest-entry.ts';
import { ManifestParser } from './manifest-parser.ts';
import { manifestExit, manifestScript } from './manifest-script.ts';

/**
 * Tells what the workspace of an environment holds, path by path, directories before what is in them, without what the rules leave out. Errors: those of `exec`,
 * `RECAC_WORKSPACE_UNAVAILABLE`, `RECAC_ABORTED`.
 */
export async function readManifest(
  engine: ContainerEngine,
  environment: Environment,
  options: {
    /** Default: nothing is left out. */
    readonly rules?: IgnoreRules;
    readonly visit: (path: string, entry: ManifestEntry) => void;
    readonly signal?: AbortSignal;
  },
): Promise<void> {
  const { id, workspacePath } = environment;
  const command = toScriptCommand(manifestScript, workspacePath);
  const { rules, visit, signal } = options;
  const parser = new ManifestParser((path, entry) => {
    if (!rules?.ignores(path, entry.type === 'directory')) visit(path, entry);
  });
  const result = await runForPieces(engine, id, command, {
    onStdout: (piece) => parser.add(piece),
    workingDirectory: '/',
    ...(signal === undefined ? {} : { signal }),
  });
  if (result.outcome.type === 'cancelled') throw abortedError('listing the workspace', signal?.reason);
  if (result.exitCode !== 0 || result.droppedBytes > 0) {
    const problem =
      result.exitCode === manifestExit.notReadable ? 'cannot be entered' : `could not be listed (${lastWords(result)})`;
    throw new RecacError(
      'RECAC_WORKSPACE_UNAVAILABLE',
      `the workspace ${workspacePath} of ${environment.name} ${problem}. Look at it with recac shell ${environment.sessionId}.`,
      { details: { environment: id, exitCode: result.exitCode } },
    );
  }
  parser.finish();
}
