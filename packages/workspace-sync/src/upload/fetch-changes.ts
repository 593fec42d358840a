import { abortedError, RecacError } from '@recac/engine-core';
import { type ExtractReport, extractArchive } from '../archive/extract-archive.ts';
import { streamOutput } from '../copy/output-stream.ts';
import { fetchScript } from './receive-script.ts';
import { explain, type SyncEnds, toPathList } from './send-changes.ts';

/**
 * Fetches files and links of the workspace into a new directory of this machine. What comes is not trusted: see {@link extractArchive}; a link that leads
 * outside is left out and named. Errors: as `sendChanges`, and `RECAC_INVALID_ARGUMENT` for an archive that holds anything else than was asked for.
 */
export async function fetchChanges(ends: SyncEnds, paths: readonly string[], target: string): Promise<ExtractReport> {
  const { engine, environment, signal } = ends;
  const command = ['/bin/sh', '-c', fetchScript, 'recac', environment.workspacePath, '-'];
  const { output, result } = streamOutput(engine, environment.id, command, {
    stdin: toPathList(paths),
    workingDirectory: '/',
    ...(signal === undefined ? {} : { signal }),
  });
  const wanted = new Set(paths);
  const extracted = extractArchive(output, {
    target,
    joined: true,
    skipUnsafeLinks: true,
    // Nobody but the owner may write to what comes back.
    modeMask: 0o755,
    isWanted: (path) => wanted.has(path),
    ...(signal === undefined ? {} : { signal }),
  });
  const report = await extracted.catch(async (error: unknown) => {
    const ended = await result;
    if (signal?.aborted) throw abortedError('fetching the workspace', signal.reason);
    // An archive that breaks off is the symptom; what ended the command is the cause.
    if (ended.exitCode !== 0 && ended.outcome.type !== 'cancelled') throw explain(ended, environment);
    throw RecacError.isInstance(error) ? error : unwritable(error);
  });
  const ended = await result;
  if (ended.droppedBytes > 0)
    throw explain({ ...ended, stderr: 'more than the record of an output holds' }, environment);
  return report;
}

function unwritable(cause: unknown): RecacError {
  const { code } = cause as NodeJS.ErrnoException;
  const message = `the files that came back cannot be written (${code}). Check space and permissions here; they are still in the environment.`;
  return new RecacError('RECAC_PERMISSION_DENIED', message, { cause });
}
