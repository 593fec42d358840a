import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { RecacError } from '@recac/engine-core';

const longestBytes = 1_048_576;

/** Reads a file of the docker command's configuration as text. Gives undefined when there is none; rejects one that is no plain file or too large. */
export async function readDockerFile(path: string): Promise<string | undefined> {
  try {
    // A named pipe would otherwise be waited for.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw fileRefused(path, 'is no plain file');
      if (stats.size > longestBytes) throw fileRefused(path, `is larger than ${longestBytes} bytes`);
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code = '' } = error as { readonly code?: string };
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (RecacError.isInstance(error)) throw error;
    if (code === 'EACCES' || code === 'EPERM')
      throw new RecacError('RECAC_PERMISSION_DENIED', `you may not read ${path}. Correct its permissions.`, {
        cause: error,
      });
    throw fileRefused(path, `cannot be read (${code})`, error);
  }
}

/** Reads one such file as a JSON object. Gives undefined when there is none; rejects what is not JSON. */
export async function readDockerJson(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const text = await readDockerFile(path);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message repeats the text, which may hold a password.
    throw fileRefused(path, 'is not valid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fileRefused(path, 'is no JSON object');
  return value as Readonly<Record<string, unknown>>;
}

function fileRefused(path: string, problem: string, cause?: unknown): RecacError {
  return new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    `${path} ${problem}. Correct or remove it; the docker command reads it too.`,
    { cause, details: { path } },
  );
}
