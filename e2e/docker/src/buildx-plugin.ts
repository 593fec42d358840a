import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { cacheDirectory, runProgram } from '@recac/e2e-images';

/** Debian 12 has no buildx; this one is to be had as a Go module, and builds with Go 1.25. */
const version = '0.31.1';

/** The plugin of the docker command, as it is kept on this machine once it was built. */
const plugin = join(cacheDirectory(), 'buildx', `docker-buildx-${version}`);

/** Why buildx cannot be built here; undefined when it can, or has been. */
export function missingForBuildx(): string | undefined {
  const missing = [
    { name: 'docker', probe: ['--version'], from: 'Debian package docker.io' },
    { name: 'go', probe: ['version'], from: 'the Go toolchain, 1.25 or newer' },
  ].filter(({ name, probe }) => !(name === 'go' && existsSync(plugin)) && spawnSync(name, probe).error !== undefined);
  if (missing.length === 0) return undefined;
  return `not installed: ${missing.map(({ name, from }) => `${name} (${from})`).join(', ')}`;
}

/** Why tests with buildx cannot run now. */
export function missingBuildx(): string | undefined {
  const told = process.env.RECAC_TEST_BUILDX_MISSING ?? missingForBuildx();
  return told ?? (existsSync(plugin) ? undefined : 'buildx has not been built: npm test does, once on a machine');
}

/** Builds buildx from its Go module, once on a machine, which takes some minutes. */
export async function buildBuildx(): Promise<void> {
  if (existsSync(plugin)) return;
  console.warn(`Building buildx ${version}, once on this machine: this takes some minutes.`);
  const place = join(cacheDirectory(), 'buildx');
  await mkdir(place, { recursive: true });
  const work = await mkdtemp(join(place, 'build-'));
  try {
    await runProgram(
      ['go', 'install', '-trimpath', '-ldflags', '-s -w', `github.com/docker/buildx/cmd/buildx@v${version}`],
      { CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOBIN: work },
    );
    await rename(join(work, 'buildx'), plugin);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Makes `directory` one that the docker command, given it as DOCKER_CONFIG, finds buildx in. */
export async function installBuildx(directory: string): Promise<void> {
  await mkdir(join(directory, 'cli-plugins'), { recursive: true });
  await symlink(plugin, join(directory, 'cli-plugins', 'docker-buildx'));
}
