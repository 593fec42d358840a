import { lstat, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { abortedError, type ContainerEngine, invalidArgument, RecacError } from '@recac/engine-core';
import { packArchive } from '../archive/pack-archive.ts';
import { packPath } from '../archive/pack-path.ts';
import { encodeHeader } from '../archive/tar-header.ts';
import { toScriptCommand } from '../script-command.ts';
import { explainCopyIn } from './copy-error.ts';
import { contentName, copyInScript, endName } from './copy-in-script.ts';
import type { CopyOptions } from './copy-options.ts';
import { gatherBytes } from './gather-bytes.ts';

/** What to copy into an environment. */
export interface CopyInOptions extends CopyOptions {
  /** Path of this machine, or a tar archive, which goes into the directory `destination`. `DIRECTORY/.` means what is in it. */
  readonly source: string | AsyncIterable<Uint8Array>;
  /** Path in the environment; a relative one counts from the workspace. */
  readonly destination: string;
}

const pieceBytes = 262_144;

/**
 * Copies a file, a directory or an archive into an environment with the rules of `docker cp`, by `tar` in it. It appears there complete or not at all:
 * a directory that is merged into another one appears file by file. Owner is the user of the environment. Errors: `RECAC_INVALID_ARGUMENT`,
 * `RECAC_PERMISSION_DENIED`, `RECAC_CAPABILITY_UNSUPPORTED` without tar, `RECAC_WORKSPACE_CONFLICT` when a file changes meanwhile, `RECAC_ABORTED`.
 */
export async function copyIn(engine: ContainerEngine, environmentId: string, options: CopyInOptions): Promise<void> {
  const { source, destination, signal, user } = options;
  validatePath('destination', destination);
  const plan = typeof source === 'string' ? await planPath(source, options) : planArchive(source);
  const id = crypto.randomUUID();
  const parameters = [toArgument(destination), plan.kind, plan.name, id];
  const stdin = gatherBytes(withEnd(plan.members), pieceBytes);
  try {
    const result = await engine.exec(environmentId, toScriptCommand(copyInScript, ...parameters), {
      stdin,
      lostStdin: 'end',
      ...(signal === undefined ? {} : { signal }),
      ...(user === undefined ? {} : { user }),
    });
    if (result.outcome.type === 'cancelled') throw abortedError('the copy', signal?.reason);
    if (result.exitCode !== 0) throw explainCopyIn(result, destination);
  } catch (error) {
    throw signal?.aborted ? abortedError('the copy', signal.reason) : toCopyError(error);
  } finally {
    await stdin.return();
  }
}

interface CopyPlan {
  readonly kind: 'file' | 'directory' | 'contents' | 'archive';
  readonly name: string;
  readonly members: AsyncIterable<Uint8Array>;
}

function planArchive(archive: AsyncIterable<Uint8Array>): CopyPlan {
  return { kind: 'archive', name: '', members: packArchive(archive, contentName) };
}

async function planPath(source: string, options: CopyInOptions): Promise<CopyPlan> {
  validatePath('source', source);
  const followLink = options.followLink === true || /\/\.?$/.test(source);
  const path = resolve(source);
  const information = await (followLink ? stat : lstat)(path).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(source, cause);
  });
  if (!information.isDirectory() && /\/\.?$/.test(source))
    throw invalidArgument('source', 'is not a directory', `It is ${source}; leave the slash out.`);
  const isWhole = !/(^|\/)\.{1,2}$/.test(source) && path !== '/';
  const onSkipped = options.onSkipped ?? ((): void => {});
  return {
    kind: information.isDirectory() ? (isWhole ? 'directory' : 'contents') : 'file',
    name: basename(path),
    members: packPath({ path, name: contentName, followLink, onSkipped }),
  };
}

/** Ends the archive with a file that proves that it is complete. */
async function* withEnd(members: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield* members;
  yield encodeHeader({ name: endName, type: 'file', mode: 0o600, size: 0, modifiedSeconds: 0, linkName: '' });
  yield Buffer.alloc(20 * 512);
}

function toCopyError(error: unknown): unknown {
  if (RecacError.isInstance(error)) return error;
  const { path = 'the source', code } = error as NodeJS.ErrnoException;
  return unreadable(String(path), { code } as NodeJS.ErrnoException);
}

function unreadable(path: string, { code }: NodeJS.ErrnoException): RecacError {
  if (code === 'ENOENT') return invalidArgument('source', 'does not exist', `It is ${path}.`);
  return new RecacError('RECAC_PERMISSION_DENIED', `${path} cannot be read (${code}). Check its permissions.`, {
    details: { path },
  });
}

function validatePath(field: string, path: string): void {
  if (path === '' || path.includes('\0'))
    throw invalidArgument(field, 'must be a path', 'Write for example /workspace/file.');
}

/** A path that a program takes for no option, with at most one slash at its end. */
function toArgument(path: string): string {
  const trimmed = path.replace(/\/{2,}$/, '/');
  return trimmed.startsWith('-') ? `./${trimmed}` : trimmed;
}
