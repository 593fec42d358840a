import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const passwd = `root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/false
agent:x:1000:1000:agent:/home/agent:/bin/sh
`;
const group = `root:x:0:
nogroup:x:65534:
agent:x:1000:
`;

/** What {@link writeAccounts} writes: part of the key of an image. */
export const accounts: readonly string[] = [passwd, group];

/** Writes root, nobody and `agent` (1000), and their home directories. */
export async function writeAccounts(root: string): Promise<void> {
  await mkdir(join(root, 'etc'), { recursive: true });
  await writeFile(join(root, 'etc/passwd'), passwd);
  await writeFile(join(root, 'etc/group'), group);
  await mkdir(join(root, 'root'), { mode: 0o700 });
  await mkdir(join(root, 'home/agent'), { recursive: true });
  await chown(join(root, 'home/agent'), 1000, 1000);
}

/** Makes the `/tmp` that everybody may write to. */
export async function makeTemporaryDirectory(root: string): Promise<void> {
  await mkdir(join(root, 'tmp'));
  await chmod(join(root, 'tmp'), 0o1777);
}
