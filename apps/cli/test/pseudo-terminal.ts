import { execFile, spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { test } from 'vitest';
import type { CliWorld } from './cli-process.ts';

const program = fileURLToPath(new URL('pseudo-terminal.py', import.meta.url));

/** A test at a terminal: one without python3 is skipped, and fails where every component is required. */
export const terminalTest = (title: string, run: () => Promise<void>): void => {
  const isRequired = process.env.CI === 'true' || process.env.RECAC_REQUIRE_ALL === '1';
  const isSkipped = !isRequired && spawnSync('python3', ['--version']).status !== 0;
  test.skipIf(isSkipped)(`${title}${isSkipped ? ' (skipped: no python3)' : ''}`, run);
};

/** A text to wait for on the terminal, and what to do then: type, resize or send a signal. */
export type TerminalStep = readonly [
  text: string,
  action: string | { readonly size: readonly [number, number] } | { readonly kill: string },
];

/** What a terminal showed and how it was left. */
export interface TerminalResult {
  readonly shown: string;
  readonly missing: readonly string[];
  readonly code: number;
  readonly restored: boolean;
}

/** Runs recac in a terminal of 33 rows and 101 columns. Needs python3. */
export async function runInTerminal(
  world: CliWorld,
  args: readonly string[],
  steps: readonly TerminalStep[],
): Promise<TerminalResult> {
  const { stdout } = await promisify(execFile)('python3', [program, JSON.stringify(steps), ...world.argv, ...args], {
    cwd: world.project,
    env: { ...world.environment, TERM: 'xterm' },
  });
  return JSON.parse(stdout) as TerminalResult;
}
