import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, symlink } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { runProgram } from './run-program.ts';

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What every image with busybox is configured with. */
export const busyboxChanges: readonly string[] = [`ENV ${path}`, 'CMD ["sh"]'];

/** The content of this machine's busybox, as a hash: part of the key of an image. */
export async function hashBusybox(): Promise<string> {
  return createHash('sha256')
    .update(await readFile(await findBusybox()))
    .digest('hex');
}

/** Copies busybox alone, under the name of one applet. */
export async function copyBusybox(root: string, path: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await copyFile(await findBusybox(), join(root, path));
}

/** Copies busybox to `/bin`, with a link for each of its applets, and `/usr/bin` as another name of `/bin`. */
export async function installBusybox(root: string): Promise<void> {
  await copyBusybox(root, 'bin/busybox');
  const applets = (await runProgram([await findBusybox(), '--list'])).split('\n').filter(Boolean);
  for (const applet of applets.filter((name) => name !== 'busybox'))
    await symlink('busybox', join(root, 'bin', applet));
  await mkdir(join(root, 'usr'));
  await symlink('../bin', join(root, 'usr/bin'));
}

async function findBusybox(): Promise<string> {
  for (const directory of (process.env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const file = join(directory, 'busybox');
    const content = await readFile(file).catch(() => undefined);
    if (content === undefined) continue;
    if (!content.includes('/ld-linux') && !content.includes('/ld-musl')) return file;
  }
  throw new Error('no static busybox was found in PATH. Install the Debian package busybox-static.');
}
