import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageRecipe } from './image-recipe.ts';
import { runProgram } from './run-program.ts';

const packages = ['bash', 'git', 'tar', 'procps', 'ca-certificates', 'iproute2'];
const emptied = [
  'var/cache/apt',
  'var/lib/apt/lists',
  'var/log',
  'etc/resolv.conf',
  'etc/hostname',
  'etc/apt/sources.list',
];

/**
 * A minimal system of this machine's own release, with bash, git, tar, procps, iproute2 and the user `agent` (1000).
 * The packages come from the mirror that this machine's apt is configured with. Needs root and debootstrap.
 */
export const debianImage: ImageRecipe = {
  reference: 'recac-test/debian:1',
  changes: ['ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'CMD ["bash"]'],
  inputs: async () => ['debian 1', await findRelease(), ...packages, ...emptied],
  fill: fillDebian,
};

async function fillDebian(root: string): Promise<void> {
  const release = await findRelease();
  const debootstrap = ['debootstrap', '--variant=minbase', `--include=${packages.join(',')}`, release, root];
  // In a mount namespace of its own: what debootstrap mounts is gone with it, even when it is killed.
  const argv = ['unshare', '--mount', '--propagation', 'private', ...debootstrap, await findMirror(release)];
  await runProgram(argv, await findProxy());
  await runProgram(['chroot', root, 'useradd', '--uid', '1000', '--create-home', '--shell', '/bin/bash', 'agent']);
  for (const path of emptied) await rm(join(root, path), { recursive: true, force: true });
  await writeFile(join(root, 'etc/apt/sources.list'), '');
  await runProgram([
    'mkdir',
    '-p',
    ...['var/cache/apt', 'var/lib/apt/lists', 'var/log'].map((path) => join(root, path)),
  ]);
}

async function findRelease(): Promise<string> {
  const release = /^VERSION_CODENAME=(\S+)$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1];
  if (release === undefined) throw new Error('/etc/os-release names no release. The image needs Debian or Ubuntu.');
  return release;
}

/** The first mirror of the release in this machine's apt configuration. */
async function findMirror(release: string): Promise<string> {
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT)';
  const lines = await runProgram(['apt-get', 'indextargets', '--format', format, 'Created-By: Packages']);
  const mirror = lines.split('\n').find((line) => line.endsWith(` ${release} main`));
  if (mirror === undefined) throw new Error(`apt is configured with no mirror of ${release}. Add one to its sources.`);
  return mirror.slice(0, mirror.indexOf(' '));
}

/** The proxy that apt is configured with, for debootstrap. */
async function findProxy(): Promise<Record<string, string>> {
  const line = await runProgram(['apt-config', 'shell', 'proxy', 'Acquire::http::Proxy']);
  const proxy = /^proxy='(.*)'$/m.exec(line)?.[1];
  return proxy === undefined || proxy === '' ? {} : { http_proxy: proxy };
}
