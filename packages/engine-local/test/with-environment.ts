import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { ContainerEngine, EnvironmentSpec } from '@recac/engine-core';
import { expect } from 'vitest';
import { createLocalEngine, type LocalEngineOptions } from '../src/index.ts';

/** One running environment of one test. */
export interface TestEnvironment {
  /** The engine that started it. */
  readonly engine: ContainerEngine;
  /** Its id. */
  readonly id: string;
  /** State directory of the engine. */
  readonly stateDirectory: string;
  /** Directory of the command records of the environment's own user. */
  readonly records: string;
}

/** Runs a test in a new environment, and fails when anything of it is left after the stop. */
export async function withEnvironment(
  work: (environment: TestEnvironment) => Promise<void>,
  options: LocalEngineOptions = {},
  spec: Partial<EnvironmentSpec> = {},
): Promise<void> {
  await withStateDirectory(async (stateDirectory) => {
    await using engine = createLocalEngine({ stateDirectory, ...options });
    const { id } = await engine.startEnvironment({ sessionId: 'test', ...spec });
    try {
      await work({ engine, id, stateDirectory, records: join(stateDirectory, id, 'run', 'default') });
    } finally {
      await engine.stopEnvironment(id);
    }
    expect(readdirSync(stateDirectory)).toEqual([]);
    expect(processesOf(id, stateDirectory)).toEqual([]);
  });
}

/** Runs a test with a directory for engines, and removes it. */
export async function withStateDirectory(work: (stateDirectory: string) => Promise<void>): Promise<void> {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'recac-local-'));
  try {
    await work(stateDirectory);
  } finally {
    rmSync(stateDirectory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Processes of an environment, by their own environment. */
export function processesOf(id: string, stateDirectory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => `\0${readVariables(pid)}`.includes(`\0RECAC_ENVIRONMENT=${join(stateDirectory, id)}\0`))
    .map(Number);
}

function readVariables(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

/** Waits until something is so; fails after 10 s. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    if (await isSo()) return;
    await setTimeout(20);
  }
  throw new Error(`still not so after 10 s: ${what}`);
}

/** True while a process exists that is no zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** All bytes of a stream of a command. */
export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}
