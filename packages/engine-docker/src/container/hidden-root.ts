import { Buffer } from 'node:buffer';
import { posix } from 'node:path';
import { invalidArgument } from '@recac/engine-core';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { toStatus } from '../daemon/daemon-error.ts';
import { readFirstEntry } from './first-entry.ts';
import { readUserFiles } from './read-user-files.ts';

const nextStep = 'Say root where you mean it (--user root), or use numbers such as 1000:1000.';
const longestChain = 8;
const largestBytes = 4 * 1_048_576;

/** Whether a user, as people write it, says that it is root. */
export function saysRoot(user: string): boolean {
  return /^(root|0+)(:|$)/.test(user);
}

/**
 * Refuses a user that is root by what an image says, and not by its name. `uid`: as /etc/passwd has it; daemons take what is no number for 0. Errors:
 * `RECAC_INVALID_ARGUMENT`, field `user`.
 */
export function refuseHiddenRoot(user: string, uid: string | undefined): void {
  if (saysRoot(user) || /^\+?0*[1-9]\d*$/.test(uid ?? '')) return;
  throw invalidArgument('user', `is ${JSON.stringify(user)}, which is root (uid 0) in the image`, nextStep);
}

/**
 * Refuses a name that is root in the image of a container that was made and not started, by its /etc/passwd as the daemon reads it: nothing of the image, which may lie, is
 * run for it. Podman (4.3) gives no file of a container whose user the machine does not know: there the container has to run, and its own shell is asked. A name that is not there is left to the daemon. Errors: `RECAC_INVALID_ARGUMENT`, field `user`, also when that file cannot be read.
 */
export async function refuseHiddenRootOf(
  client: DaemonClient,
  id: string,
  user: string,
  signal: AbortSignal,
): Promise<void> {
  if (saysRoot(user) || /^\d/.test(user)) return;
  const passwd = client.podman ? (await readUserFiles(client, id)).passwd : await readPasswd(client, id, signal);
  for (const line of passwd.split('\n')) {
    const [name, , uid] = line.replace(/^[\s\u0085]+|[\s\u0085]+$/g, '').split(':');
    if (name === user) refuseHiddenRoot(user, uid);
  }
}

async function readPasswd(client: DaemonClient, id: string, signal: AbortSignal): Promise<string> {
  let path = '/etc/passwd';
  for (let step = 0; step < longestChain; step += 1) {
    const archive = await readArchive(client, id, path, signal);
    if (archive === undefined && step === 0) return '';
    const entry = archive && readFirstEntry(archive);
    if (entry?.type === 'file') return entry.content.toString('utf8');
    if (entry?.type !== 'link') break;
    path = posix.resolve(posix.dirname(path), entry.target);
  }
  throw invalidArgument('user', 'is a name, and the /etc/passwd of the image cannot be read', nextStep);
}

/** The beginning of an archive of one path; undefined when there is no such path. */
async function readArchive(
  client: DaemonClient,
  id: string,
  path: string,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  try {
    return await client.call(
      'reading the users of the image',
      async (abortSignal) => {
        const chunks: Buffer[] = [];
        let length = 0;
        for await (const chunk of await client.docker.getContainer(id).getArchive({ path, abortSignal })) {
          const bytes = Buffer.from(chunk);
          chunks.push(bytes);
          length += bytes.length;
          if (length > largestBytes) break;
        }
        return Buffer.concat(chunks);
      },
      { signal, idempotent: true },
    );
  } catch (error) {
    if (toStatus(error) === 404) return undefined;
    throw error;
  }
}
