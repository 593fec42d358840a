import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { abortedError, type CallOptions, type ContainerEngine, type Environment, RecacError } from '@recac/engine-core';
import { toScriptCommand } from '../script-command.ts';

/** Who the files of a workspace belong to. */
export interface ProvedDirectory {
  /** Owner of what a command makes in it, as this machine sees it. */
  readonly madeBy: number;
  /** Owner of the directory. */
  readonly owner: number;
}

const exits = { notSeen: 40, notWritable: 41, notReadable: 42 } as const;

/**
 * POSIX sh that reads what this machine wrote, and only then writes: a directory that is another one is left untouched. A file may take a moment to be seen
 * over a network. Parameters: the workspace, the file to read, what stands in it, the file to write, what to write.
 */
const answerScript = `
LC_ALL=C; export LC_ALL
give_up() {
  case $1 in *'ermission denied'*) printf '%s\\n' "$1" >&2; exit ${exits.notReadable} ;; esac
  exit ${exits.notSeen}
}
cd -- "$1" 2>/dev/null || give_up "$(ls -a -- "$1/." 2>&1 >/dev/null)"
for pause in 0 1 1; do
  sleep "$pause"
  said=$(cat -- "$2" 2>&1)
  [ "$said" = "$3" ] || continue
  printf '%s' "$5" >"$4" || exit ${exits.notWritable}
  exit 0
done
give_up "$said"
`;

/**
 * Proves that the workspace of an environment is a directory of this machine, and not one of the same name elsewhere: a file that is written here is read there,
 * and one that is written there is seen and removed here. Leaves nothing. Errors: `RECAC_WORKSPACE_UNAVAILABLE`, with `details.reason` `NotTheSame`,
 * `NotReadable` or `NotWritable`.
 */
export async function proveDirectory(
  engine: ContainerEngine,
  environment: Environment,
  directory: string,
  { signal }: CallOptions = {},
): Promise<ProvedDirectory> {
  const nonce = randomBytes(16).toString('hex');
  const asked = `.recac-proof-${nonce.slice(0, 16)}`;
  const answer = `${asked}-answer`;
  const expected = randomBytes(16).toString('hex');
  try {
    await writeFile(join(directory, asked), nonce, { flag: 'wx', mode: 0o644 }).catch((cause: Error) => {
      throw unproved(directory, 'NotWritable', `cannot be written here (${cause.message})`, cause);
    });
    const command = toScriptCommand(answerScript, environment.workspacePath, asked, nonce, answer, expected);
    const result = await engine.exec(environment.id, command, {
      workingDirectory: '/',
      ...(signal === undefined ? {} : { signal }),
    });
    if (result.outcome.type === 'cancelled') throw abortedError('proving the workspace', signal?.reason);
    if (result.exitCode === exits.notWritable)
      throw unproved(
        directory,
        'NotWritable',
        `cannot be written by the user of the environment (${result.stderr.trim()})`,
      );
    if (result.exitCode === exits.notReadable)
      throw unproved(
        directory,
        'NotReadable',
        `cannot be read in the environment (${result.stderr.trim()}): its user may not, or SELinux forbids it to containers`,
      );
    if (result.exitCode !== 0 || !(await isSeen(join(directory, answer), expected)))
      throw unproved(directory, 'NotTheSame', 'is not the directory that the environment sees under that name');
    const made = await lstat(join(directory, answer));
    return { madeBy: made.uid, owner: (await stat(directory)).uid };
  } finally {
    await rm(join(directory, asked), { force: true });
    await rm(join(directory, answer), { force: true });
  }
}

/** A link in its place is not followed: another session may be at work in the directory. */
async function isSeen(path: string, expected: string): Promise<boolean> {
  for (const pauseMs of [0, 100, 400, 1_000]) {
    await delay(pauseMs);
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
      () => undefined,
    );
    if (file === undefined) continue;
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(expected.length + 1), 0);
      if (buffer.subarray(0, bytesRead).toString() === expected) return true;
    } finally {
      await file.close();
    }
  }
  return false;
}

function unproved(
  path: string,
  reason: 'NotReadable' | 'NotTheSame' | 'NotWritable',
  problem: string,
  cause?: unknown,
): RecacError {
  const message = `the workspace ${path} ${problem}. Use another workspace strategy, such as --sync git or upload.`;
  return new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { cause, details: { path, reason } });
}
