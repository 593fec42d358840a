import { type ExecResult, invalidArgument, RecacError } from '@recac/engine-core';
import { copyInExit } from './copy-in-script.ts';

const maximumTextLength = 500;

/** Why the script of a copy into an environment did not copy. */
export function explainCopyIn(result: ExecResult, destination: string): RecacError {
  const said = lastWords(result);
  const next = `It is ${destination}.`;
  switch (result.exitCode) {
    case copyInExit.noParent:
      return invalidArgument('destination', 'is in a directory that does not exist', next);
    case copyInExit.noDirectory:
      return invalidArgument('destination', 'must be a directory that exists', next);
    case copyInExit.onFile:
      return invalidArgument('destination', 'is a file, and a directory cannot take its place', next);
    case copyInExit.notWritable:
      return new RecacError(
        'RECAC_PERMISSION_DENIED',
        `nothing can be written to ${destination} in the environment: ${said}. Choose a place in the workspace.`,
        { details: { path: destination } },
      );
    case copyInExit.inTheWay:
      return invalidArgument('destination', `holds something of another kind: ${said}`, 'Nothing was copied.');
    case copyInExit.noTar:
      return withoutTar();
    case copyInExit.incomplete:
      return copyFailed('the archive did not arrive in full; nothing was copied', result);
    default:
      return copyFailed(said, result);
  }
}

/** The error for an environment without `tar`. */
export function withoutTar(): RecacError {
  const message = 'the environment has no tar, which copying needs. Use an image with tar, such as busybox or debian.';
  return new RecacError('RECAC_CAPABILITY_UNSUPPORTED', message, { details: { capability: 'tar' } });
}

/** The error for a copy that broke off. */
export function copyFailed(problem: string, result: ExecResult): RecacError {
  return new RecacError('RECAC_EXEC_FAILED', `the copy failed: ${problem}. See what is in the way and copy again.`, {
    details: { exitCode: result.exitCode, outcome: result.outcome },
  });
}

/** What GNU tar says after the cause. */
const noCause = /Exiting with failure status|Error is not recoverable/;

/** The last line of stderr that names a cause, for people. */
export function lastWords(result: ExecResult): string {
  const lines = result.stderr.trim().split('\n');
  const line = lines.findLast((text) => !noCause.test(text)) ?? '';
  return line === '' ? `exit code ${result.exitCode}` : line.slice(0, maximumTextLength);
}
