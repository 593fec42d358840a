// Processes of their own: `workspace-memory.ts begin|go-on PROJECT STATE_DIRECTORY [DOCKER_HOST]` moves a project by upload, both ways, and prints a line of JSON for each
// step: the most memory that it ever had until then, what it moved and how long that took. `begin` starts the environment, `go-on` stops it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { TransferReport } from '@recac/engine-core';
import { createDockerEngine } from '@recac/engine-docker';
import { createLocalEngine } from '@recac/engine-local';
import { createUploadWorkspace } from '@recac/workspace-sync';

const [part, path = '', stateDirectory = '', host] = process.argv.slice(2);

async function step(name: string, work: () => Promise<Partial<TransferReport> | undefined>): Promise<void> {
  const startedAt = performance.now();
  const report = await work();
  const peakMebibytes = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1_024;
  const seconds = (performance.now() - startedAt) / 1_000;
  const moved = report === undefined ? {} : { changed: report.changed, bytes: report.bytes };
  console.log(JSON.stringify({ step: name, peakMebibytes, seconds, ...moved }));
}

const engine = host === undefined ? createLocalEngine({ stateDirectory }) : createDockerEngine({ host });
const workspace = createUploadWorkspace({
  engine,
  path,
  toBasePath: () => `${stateDirectory}.base`,
  limitBytes: Number.MAX_SAFE_INTEGER,
});
const sessionId = `memory-${stateDirectory.replaceAll(/\W/g, '-')}`.slice(-60);

async function inside(id: string, script: string): Promise<void> {
  assert.equal((await engine.exec(id, ['sh', '-c', script])).exitCode, 0, script);
}

async function begin(): Promise<void> {
  const environment = await engine.startEnvironment({
    sessionId,
    workspace: await workspace.prepare(),
    ...(host === undefined ? {} : { image: process.env.RECAC_BENCH_IMAGE ?? 'recac-test/busybox:1' }),
  });
  await step('push of all', () => workspace.push(environment));
  await step('push of nothing', () => workspace.push(environment));
  await inside(environment.id, 'for f in $(find . -type f | head -n 3); do echo changed >>"$f"; done; echo new >new');
  await step('pull of few', () => workspace.pull(environment));
}

async function goOn(): Promise<void> {
  const [environment] = await engine.listEnvironments({ sessionId });
  assert.ok(environment);
  try {
    await step('push of nothing, by another process', () => workspace.push(environment));
    await inside(environment.id, 'find . -type f -exec touch {} +');
    await step('pull of all', () => workspace.pull(environment));
  } finally {
    await engine.stopEnvironment(environment.id);
  }
}

await step(`${part}`, async () => undefined);
await (part === 'begin' ? begin() : goOn());
await engine.close();
