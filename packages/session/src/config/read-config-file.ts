import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { configFileInvalid } from './config-error.ts';

/** Largest configuration file, in bytes. */
const maximumConfigFileBytes = 1_048_576;

/** A configuration file that was read. */
export interface ConfigFileContent {
  /** Its bytes, to be compared with what the user trusts. */
  readonly data: Uint8Array;
  /** The same as text, without a byte order mark. */
  readonly text: string;
  /** Whether every user of the machine may write to it. */
  readonly worldWritable: boolean;
}

/**
 * Reads a configuration file; `undefined` when it does not exist. Only regular files of at most 1 MiB in UTF-8 without NUL are read; a FIFO
 * does not block. Errors: `RECAC_CONFIG_INVALID` with file and line.
 */
export async function readConfigFile(file: string): Promise<ConfigFileContent | undefined> {
  const handle = await openFile(file);
  if (handle === undefined) return undefined;
  try {
    const information = await handle.stat();
    if (!information.isFile()) {
      const kind = information.isDirectory() ? 'is a directory' : 'is not a regular file';
      throw configFileInvalid(file, kind, 'Name a YAML file, such as recac.yaml.');
    }
    const data = await readAtMost(handle, maximumConfigFileBytes + 1);
    if (data.length > maximumConfigFileBytes) {
      throw configFileInvalid(file, `must not exceed ${maximumConfigFileBytes} bytes`, 'Is it the right file?');
    }
    return { data, text: decodeText(file, data), worldWritable: (information.mode & 0o002) !== 0 };
  } finally {
    await handle.close();
  }
}

async function openFile(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'EISDIR') throw configFileInvalid(file, 'is a directory', 'Name a YAML file, such as recac.yaml.');
    throw configFileInvalid(
      file,
      `cannot be opened (${code ?? 'unknown error'})`,
      'Check the path and its permissions.',
      undefined,
      cause,
    );
  }
}

async function readAtMost(handle: FileHandle, limit: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(limit);
  let length = 0;
  while (length < limit) {
    const { bytesRead } = await handle.read(buffer, length, limit - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.slice(0, length);
}

function decodeText(file: string, data: Uint8Array): string {
  const nul = data.indexOf(0);
  if (nul >= 0) {
    throw configFileInvalid(
      file,
      'must not hold a NUL byte',
      'Save it as UTF-8 text.',
      countLines(data.subarray(0, nul)),
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch (cause) {
    throw configFileInvalid(file, 'must be valid UTF-8', 'Save it as UTF-8 text.', findInvalidLine(data), cause);
  }
}

function countLines(data: Uint8Array): number {
  return data.reduce((lines, byte) => (byte === 0x0a ? lines + 1 : lines), 1);
}

function findInvalidLine(data: Uint8Array): number {
  let start = 0;
  for (let line = 1; ; line++) {
    const end = data.indexOf(0x0a, start);
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(data.subarray(start, end < 0 ? data.length : end));
    } catch {
      return line;
    }
    if (end < 0) return line;
    start = end + 1;
  }
}
