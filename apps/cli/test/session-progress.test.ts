import type { StartEvent } from '@recac/engine-core';
import { expect, test } from 'vitest';
import type { Io } from '../src/io.ts';
import { createReporter } from '../src/reporter.ts';
import { createSessionProgress } from '../src/session-progress.ts';

/** What a session shows on stderr, on a terminal of 40 columns or on a pipe. */
function createShown(isTerminal: boolean) {
  const written: string[] = [];
  const io = {
    writeStderr: async (text: string) => void written.push(text),
    isTerminal: () => isTerminal,
    stderrColumns: () => 40,
  } as Partial<Io> as Io;
  return { written, ...createSessionProgress(createReporter(io, {})) };
}

const pulling = (message: string): { readonly type: 'start'; readonly progress: StartEvent } => ({
  type: 'start',
  progress: { phase: 'pull', state: 'waiting', elapsedMs: 10, message },
});

test('a pull is one line that changes and fits on a terminal', () => {
  const { written, onEvent } = createShown(true);
  for (let step = 0; step < 3; step += 1) onEvent(pulling(`layer: Downloading ${step} of ${'9'.repeat(60)}`));
  expect(written).toHaveLength(3);
  for (const text of written) {
    expect(text.startsWith('\r\u001b[Krecac: pull 10 ms: layer: ')).toBe(true);
    expect(text).not.toContain('\n');
    expect(text.replace('\r\u001b[K', '')).toHaveLength(39);
  }
});

test('a pull on a pipe writes plain lines, and not one for each step', () => {
  const { written, onEvent } = createShown(false);
  for (let step = 0; step < 1_000; step += 1) onEvent(pulling(`layer: Downloading ${step}`));
  expect(written).toEqual(['recac: pull 10 ms: layer: Downloading 0\n']);
});

test('a phase says how long it may take', () => {
  const { written, onEvent } = createShown(false);
  const { type, progress } = pulling('waiting: for a registry');
  onEvent({ type, progress: { ...progress, elapsedMs: 12_000, limitMs: 298_000 } });
  expect(written).toEqual(['recac: pull 12.0 s of 4 min 58 s: waiting: for a registry\n']);
});

test('files that the first push left alone are named', () => {
  const { written, onEvent } = createShown(false);
  const report = { changed: 2, removed: 0, bytes: 10, conflicts: ['text'], skipped: [] };
  onEvent({ type: 'push', state: 'finished', report });
  expect(written.join('')).toBe('recac: 2 changed, 0 removed, sent\nrecac: changed on both sides: text\n');
});

test('warnings are shown and kept', () => {
  const { written, warnings, onEvent } = createShown(false);
  onEvent({ type: 'warning', message: 'less protected\u001b[2J' });
  expect(written).toEqual(['recac: warning: less protected\\x1b[2J\n']);
  expect(warnings).toEqual(['less protected\u001b[2J']);
});
