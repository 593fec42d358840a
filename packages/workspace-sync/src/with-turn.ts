import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { abortedError, RecacError } from '@recac/engine-core';
import { isAlive, readStartTime } from './is-alive.ts';

const lookAgainMs = 50;

/** Longer nobody takes to write into a file that he made. */
const emptyMs = 10_000;

/** Turns of this process: a file with our number may be left of an earlier process that had it. */
const ours = new Set<string>();

/**
 * Works on what belongs to one session while nobody else on this machine does: others, in this process or another one, wait for their turn. `path`: a file that is there
 * meanwhile; one that a killed process left is taken over. Errors: `RECAC_ABORTED`, `RECAC_PERMISSION_DENIED` where the file cannot be written, those of the work.
 */
export async function withTurn<T>(path: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const token = `${process.pid} ${await readStartTime(process.pid)} ${randomUUID()}`;
  ours.add(token);
  try {
    await take(path, token, signal).catch((error: unknown) => {
      throw RecacError.isInstance(error) ? error : notWritable(path, error);
    });
    try {
      return await work();
    } finally {
      await rm(path, { force: true });
    }
  } finally {
    ours.delete(token);
  }
}

async function take(path: string, token: string, signal: AbortSignal | undefined): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${token.replaceAll(' ', '.')}`;
  await writeFile(draft, token, { mode: 0o600 });
  try {
    while (!(await tryTake(path, draft))) {
      if (signal?.aborted) throw abortedError('waiting for another transfer of this session', signal.reason);
      if (await removeLeft(path, draft)) continue;
      await pause(lookAgainMs, undefined, signal === undefined ? {} : { signal }).catch(() => {});
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/** The file appears with its token at once. Where there are no hard links, as on exFAT, in shared folders of virtual machines and over SMB, it is empty for a moment. */
async function tryTake(path: string, draft: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
  }
  const token = await readFile(draft);
  try {
    await writeFile(path, token, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function notWritable(path: string, cause: unknown): RecacError {
  const { code, message: words } = cause as NodeJS.ErrnoException;
  const message = `${path} cannot be written (${code ?? words}). Make it writable or make room, and try again.`;
  return new RecacError('RECAC_PERMISSION_DENIED', message, { cause, details: { path } });
}

/** Whether the file was one that nobody works under any more. It is looked at again once it is out of the way: another process may have been faster. */
async function removeLeft(path: string, draft: string): Promise<boolean> {
  if (await isHeld(path)) return false;
  const aside = `${draft}.left`;
  try {
    await rename(path, aside);
  } catch {
    return true;
  }
  if (await isHeld(aside)) await tryTake(path, aside).catch(() => {});
  await rm(aside, { force: true });
  return true;
}

async function isHeld(path: string): Promise<boolean> {
  const token = await readFile(path, 'utf8').catch(() => undefined);
  if (token === undefined) return false;
  if (token === '') {
    const made = await stat(path).catch(() => undefined);
    return made !== undefined && Math.abs(Date.now() - made.mtimeMs) < emptyMs;
  }
  const [processId = '', startTime = ''] = token.split(' ');
  const owner = Number(processId);
  if (owner === process.pid) return ours.has(token);
  return isAlive(owner) && (await readStartTime(owner)) === startTime;
}
