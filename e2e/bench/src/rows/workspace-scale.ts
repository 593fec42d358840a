import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type BenchmarkRow, limitResult, type RowResult, toldResult } from '../benchmark-row.ts';
import { runPeer } from '../docker/docker-peer.ts';

/** The built packages are measured, as they are published: taking the types out of sources needs 40 MiB of its own. */
const program = (): string =>
  stripTypeScriptTypes(readFileSync(new URL('../workspace-memory.ts', import.meta.url), 'utf8'));
/** A program that is no file finds its packages from its working directory. */
const workingDirectory = fileURLToPath(new URL('..', import.meta.url));
const limitMebibytes = 300;

interface Step {
  readonly step: string;
  readonly peakMebibytes: number;
  readonly seconds: number;
  readonly changed?: number;
  readonly bytes?: number;
}

/** Empty files, which cost the process that carries them as much memory as full ones do. */
function makeFiles(directory: string, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const package_ = `some-package-${Math.floor(index / 1_000)}`;
    const parent = join(directory, 'packages', package_, 'source', `feature-${Math.floor(index / 100)}`);
    if (index % 100 === 0) mkdirSync(parent, { recursive: true });
    writeFileSync(join(parent, `component-${index}.ts`), '');
  }
}

async function measure(below: string, make: (directory: string) => void): Promise<readonly Step[]> {
  const directory = mkdtempSync(join(below, 'recac-bench-'));
  const project = join(directory, 'project');
  mkdirSync(project);
  try {
    make(project);
    const steps: Step[] = [];
    for (const part of ['begin', 'go-on']) {
      const words = ['-C', workingDirectory, process.execPath, '--input-type=module', '-', part, project];
      const printed = await runPeer('env', [...words, join(directory, 'state')], program());
      for (const line of printed.trim().split('\n')) steps.push(JSON.parse(line) as Step);
    }
    return steps;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function toResult(what: string, steps: readonly Step[]): readonly RowResult[] {
  const peak = Math.max(...steps.map(({ peakMebibytes }) => peakMebibytes));
  return [
    limitResult(`${what}: most memory, MiB`, peak, limitMebibytes, { steps }),
    ...steps.map(({ step, peakMebibytes }) => toldResult(`${what}: until ${step}, MiB`, peakMebibytes)),
  ];
}

/** Memory of the process that carries a workspace with very many files, and one with a very large file. */
export const workspaceScale: BenchmarkRow = {
  id: 'scale-local',
  title: 'Scale: resident memory for 1 000 000 files, and for a file of 5 GiB, up, compared and back',
  run: async ({ quick }) => {
    const files = quick ? 10_000 : 1_000_000;
    const many = await measure('/dev/shm', (directory) => makeFiles(directory, files));
    assert.equal(many.find(({ step }) => step === 'push of all')?.changed, files);
    const size = (quick ? 0.5 : 5) * 1_073_741_824;
    const large = await measure(tmpdir(), (directory) => {
      writeFileSync(join(directory, 'large'), '');
      truncateSync(join(directory, 'large'), size);
    });
    assert.ok((large.find(({ step }) => step === 'pull of all')?.bytes ?? 0) > size);
    return [...toResult(`${files} files`, many), ...toResult(`a file of ${size / 1_073_741_824} GiB`, large)];
  },
};
