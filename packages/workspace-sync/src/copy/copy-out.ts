import { abortedError, type ContainerEngine, type ExecResult, invalidArgument, RecacError } from '@recac/engine-core';
import { type ExtractReport, extractArchive } from '../archive/extract-archive.ts';
import { toScriptCommand } from '../script-command.ts';
import { copyFailed, lastWords, withoutTar } from './copy-error.ts';
import type { CopyOptions } from './copy-options.ts';
import { copyOutExit, describeScript, packScript } from './copy-out-script.ts';
import { streamOutput } from './output-stream.ts';
import { placeStaged, resolveTarget, withStage } from './stage.ts';

/** What to copy out of an environment. */
export interface CopyOutOptions extends CopyOptions {
  /** Path in the environment; a relative one counts from the workspace. `DIRECTORY/.` means what is in it. */
  readonly source: string;
  /** Path of this machine. */
  readonly destination: string;
}

/** What to take out of an environment as an archive. */
export interface CopyArchiveOptions extends Omit<CopyOptions, 'onSkipped'> {
  /** As in {@link CopyOutOptions}. */
  readonly source: string;
  /** Gets the archive piece by piece; a returned promise holds back the next one. */
  readonly onData: (piece: Uint8Array) => void | Promise<void>;
}

/**
 * Copies a file or a directory out of an environment with the rules of `docker cp`, by `tar` in it. What comes out is not trusted: see
 * `extractArchive`. It is complete or not there at all: a directory that is merged into another one appears file by file. Errors:
 * `RECAC_INVALID_ARGUMENT` (also for a link that leads outside of what is copied), `RECAC_PERMISSION_DENIED`, `RECAC_CAPABILITY_UNSUPPORTED` without
 * tar, `RECAC_EXEC_FAILED` when it broke off, `RECAC_ABORTED`.
 */
export async function copyOut(
  engine: ContainerEngine,
  environmentId: string,
  options: CopyOutOptions,
): Promise<ExtractReport> {
  const source = await describeSource(engine, environmentId, options);
  const target = await resolveTarget(options.destination, source);
  const root = source.isDirectory ? '.' : Buffer.from(source.name).toString('latin1');
  const report = await withStage(target, async (staged) => {
    const { output, result } = streamOutput(engine, environmentId, toPackCommand(source, options), toExec(options));
    const extracted = await extractArchive(output, { target: staged, root, ...toSignal(options) }).catch(
      async (error: unknown) => {
        await checkPacked(result, options);
        throw toExtractError(error, options.destination);
      },
    );
    await checkPacked(result, options);
    await placeStaged(staged, target);
    return extracted;
  });
  for (const name of report.skipped) options.onSkipped?.(name);
  return report;
}

/** Takes a file or a directory out of an environment as a tar archive, just as the environment makes it. Errors: as {@link copyOut}. */
export async function copyOutArchive(
  engine: ContainerEngine,
  environmentId: string,
  options: CopyArchiveOptions,
): Promise<void> {
  const source = await describeSource(engine, environmentId, options);
  const command = toPackCommand({ ...source, isDirectory: source.isDirectory && source.isContents }, options);
  const { output, result } = streamOutput(engine, environmentId, command, toExec(options));
  for await (const piece of output) await options.onData(piece);
  await checkPacked(result, options);
}

/** A path in the environment, taken apart. */
interface Source {
  readonly path: string;
  readonly parent: string;
  readonly name: string;
  readonly isDirectory: boolean;
  /** The content of a directory is meant, not the directory. */
  readonly isContents: boolean;
}

async function describeSource(
  engine: ContainerEngine,
  environmentId: string,
  options: CopyArchiveOptions | CopyOutOptions,
): Promise<Source> {
  const { source } = options;
  if (source === '' || source.includes('\0'))
    throw invalidArgument('source', 'must be a path', 'Write for example /workspace/file.');
  const path = source.startsWith('-') ? `./${source}` : source;
  const command = toScriptCommand(describeScript, path, options.followLink === true ? '1' : '0');
  const result = await engine.exec(environmentId, command, toExec(options));
  if (result.outcome.type === 'cancelled') throw cancelled();
  if (result.exitCode === copyOutExit.noTar) throw withoutTar();
  if (result.exitCode === copyOutExit.missing)
    throw invalidArgument('source', 'does not exist in the environment', `It is ${source}.`);
  const kind = result.stdout.trim();
  if (result.exitCode !== 0) throw copyFailed(lastWords(result), result);
  if (kind === 'special') throw invalidArgument('source', 'is no file, directory or link', `It is ${source}.`);
  if (kind !== 'directory' && /\/\.?$/.test(path))
    throw invalidArgument('source', 'is not a directory', `It is ${source}; leave the slash out.`);
  const steps = /^(.*?)([^/]*)\/*$/s.exec(path);
  const name = steps?.[2] ?? '';
  const isContents = ['', '.', '..'].includes(name);
  return { path, parent: steps?.[1] || '.', name, isDirectory: kind === 'directory', isContents };
}

function toPackCommand(source: Source, { followLink }: CopyOptions): readonly string[] {
  const [directory, name] = source.isDirectory ? [source.path, '.'] : [source.parent, source.name];
  const follow = followLink === true && !source.isDirectory ? '1' : '0';
  return toScriptCommand(packScript, directory, name, follow);
}

function toSignal({ signal }: CopyOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function toExec(options: CopyOptions): { readonly signal?: AbortSignal; readonly user?: string } {
  return { ...toSignal(options), ...(options.user === undefined ? {} : { user: options.user }) };
}

const changedMeanwhile = /file changed as we read it|File removed before we read it|^tar: (exiting|Exiting)|^$/;

/** A file that somebody writes to while it is copied is copied as it was: no failure, as GNU tar's exit code 1 says. */
async function checkPacked(packing: Promise<ExecResult>, { signal }: CopyOptions): Promise<void> {
  const result = await packing;
  if (signal?.aborted) throw cancelled();
  if (result.outcome.type === 'cancelled') return;
  if (result.droppedBytes > 0) throw copyFailed('it is larger than the environment keeps of an output', result);
  if (result.exitCode === copyOutExit.notReadable)
    throw new RecacError('RECAC_PERMISSION_DENIED', `the source cannot be read: ${lastWords(result)}. Use --user.`);
  if (result.exitCode === 1 && result.stderr.split('\n').every((line) => changedMeanwhile.test(line))) return;
  if (result.exitCode !== 0) throw copyFailed(lastWords(result), result);
}

function toExtractError(error: unknown, destination: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (RecacError.isInstance(error) || code === undefined) return error;
  const message = `${destination} cannot be written (${code}). Check the space and the permissions there.`;
  return new RecacError('RECAC_PERMISSION_DENIED', message, { cause: error, details: { path: destination } });
}

function cancelled(): RecacError {
  return abortedError('the copy');
}
