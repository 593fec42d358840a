import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { cacheDirectory } from '@recac/e2e-images';
import { runProgram } from '../run-program.ts';

const module = 'sigs.k8s.io/kwok';
const version = '0.8.0';

/** The program that simulates nodes, kwok. Built from its Go module once per machine, and kept in the user's cache directory. */
export async function buildSimulator(): Promise<string> {
  const directory = join(cacheDirectory(), 'cluster');
  const program = join(directory, `kwok-${version}`);
  if (await stat(program).catch(() => undefined)) return program;
  console.warn(`Building kwok ${version}, once on this machine: this takes some minutes.`);
  await mkdir(directory, { recursive: true });
  const work = await mkdtemp(join(tmpdir(), 'recac-simulator-build-'));
  try {
    await writeFile(join(work, 'go.mod'), `module simulator\n\ngo 1.24\n\nrequire ${module} v${version}\n`);
    const unfinished = `${program}.${process.pid}`;
    const argv = ['go', 'build', '-trimpath', '-ldflags', '-s -w', '-o', unfinished, `${module}/cmd/kwok`];
    const environment = { CGO_ENABLED: '0', GOFLAGS: '-mod=mod' };
    await runProgram(argv, { directory: work, environment });
    await rename(unfinished, program);
    return program;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
