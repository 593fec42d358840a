import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory } from '@recac/e2e-images';
import { runProgram } from './run-program.ts';
import { type MinorVersion, versions } from './versions.ts';

const source = join(import.meta.dirname, '../program/main.go');
const kubernetes = 'k8s.io/kubernetes';

/**
 * The program that holds every component of a cluster, by its first argument. Built from Go modules once per machine, which takes minutes, and kept in the
 * user's cache directory.
 */
export async function buildProgram(minor: MinorVersion): Promise<string> {
  const version = versions[minor];
  const key = createHash('sha256')
    .update(version)
    .update(await readFile(source))
    .digest('hex')
    .slice(0, 16);
  const program = join(cacheDirectory(), 'cluster', `testcluster-${version}-${key}`);
  if (await stat(program).catch(() => undefined)) return program;
  console.warn(`Building the components of Kubernetes ${version}, once on this machine: this takes some minutes.`);
  const work = await mkdtemp(join(tmpdir(), 'recac-cluster-build-'));
  try {
    await mkdir(join(cacheDirectory(), 'cluster'), { recursive: true });
    await copyFile(source, join(work, 'main.go'));
    await writeFile(join(work, 'go.mod'), await writeModule(version));
    await runProgram(['go', 'mod', 'tidy'], { directory: work, environment: goEnvironment });
    const unfinished = `${program}.${process.pid}`;
    await runProgram(['go', 'build', '-trimpath', '-ldflags', toLinkerFlags(version), '-o', unfinished, '.'], {
      directory: work,
      environment: goEnvironment,
    });
    await rename(unfinished, program);
    return program;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const goEnvironment = { CGO_ENABLED: '0', GOFLAGS: '-mod=mod' };

/** The staging modules of Kubernetes are replaced by directories in its own go.mod, which does not hold for those who import it. */
async function writeModule(version: string): Promise<string> {
  const download = await runProgram(['go', 'mod', 'download', '-json', `${kubernetes}@v${version}`], {
    directory: tmpdir(),
    environment: goEnvironment,
  });
  const text = await readFile((JSON.parse(download) as { readonly GoMod: string }).GoMod, 'utf8');
  const staging = [...text.matchAll(/^\t(k8s\.io\/\S+) => \.\/staging/gm)]
    .map(([, name]) => String(name))
    .filter((name) => !name.includes('sample'));
  const stagingVersion = version.replace(/^1\./, 'v0.');
  return [
    'module testcluster',
    /^go .*$/m.exec(text)?.[0] ?? '',
    `require (\n\t${kubernetes} v${version}\n${staging.map((name) => `\t${name} ${stagingVersion}`).join('\n')}\n)`,
    `replace (\n${staging.map((name) => `\t${name} => ${name} ${stagingVersion}`).join('\n')}\n)`,
    '',
  ].join('\n\n');
}

function toLinkerFlags(version: string): string {
  const [major, minor] = version.split('.');
  const variable = (name: string, value: string | undefined): string =>
    `-X k8s.io/component-base/version.${name}=${value}`;
  return [
    '-s -w',
    variable('gitVersion', `v${version}`),
    variable('gitMajor', major),
    variable('gitMinor', minor),
  ].join(' ');
}
