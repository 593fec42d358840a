import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { findProcesses, runCli, startCli } from '../src/cli.ts';
import { createPlace } from '../src/place.ts';

/** How long the command runs; RECAC_SCENARIO_SECONDS=180 for the length that the documents show. */
const seconds = Number(process.env.RECAC_SCENARIO_SECONDS ?? 4);
const lines = seconds * 20;

const expected = (name: string): string =>
  Array.from({ length: lines }, (_, index) => `${name} ${index + 1}\n`).join('');

test(
  'a run whose client is killed goes on; attach gives every byte and the right exit code',
  async () => {
    await using place = await createPlace();
    const script = `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "out $i"; echo "err $i" >&2; sleep 0.05; done; exit 37`;
    const running = startCli(place, ['run', '--quiet', '--name', 'orphan', '-c', script]);
    await running.until(`out ${Math.floor(lines / 2)}\n`);
    running.child.kill('SIGKILL');
    expect((await running.ended).signal).toBe('SIGKILL');

    const first = startCli(place, ['attach', '--quiet', 'orphan']);
    const second = startCli(place, ['attach', '--quiet', 'orphan']);
    for (const attached of [await first.ended, await second.ended]) {
      expect(attached).toEqual({ code: 37, signal: null, stdout: expected('out'), stderr: expected('err') });
    }
    expect((await runCli(place, ['logs', '--tail', '1', 'orphan'])).stdout).toBe(`out ${lines}\n`);
    expect((await runCli(place, ['stop', '--quiet', 'orphan'])).code).toBe(0);
    expect(JSON.parse((await runCli(place, ['list', '--json'])).stdout)).toEqual([]);
  },
  60_000 + seconds * 3_000,
);

test('what a killed client owned is gone within its lease, processes too', async () => {
  await using place = await createPlace();
  const marker = `marker-${process.pid}-${Date.now()}`;
  const running = startCli(place, [
    'run',
    '--quiet',
    '--lease',
    '2s',
    '--env',
    `MARKER=${marker}`,
    '-c',
    'echo begun; exec sleep 300',
  ]);
  await running.until('begun');
  expect((await findProcesses(marker)).length).toBeGreaterThan(0);
  running.child.kill('SIGKILL');
  await running.ended;
  const deadline = performance.now() + 20_000;
  while ((await findProcesses(marker)).length > 0 && performance.now() < deadline) await delay(250);
  expect(await findProcesses(marker)).toEqual([]);
  expect(JSON.parse((await runCli(place, ['list', '--json'])).stdout)).toEqual([]);
}, 60_000);
