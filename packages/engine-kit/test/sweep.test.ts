import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { controlLaneScript } from '../src/lane/control-lane-script.ts';

const shells = [['dash'], ['bash', '--norc'], ['busybox', 'sh']]
  .map((argv) => ({ name: String(argv[0]), argv }))
  .filter(({ argv: [file = '', ...words] }) => spawnSync(file, [...words, '-c', 'true']).status === 0);

const linuxTest = test.skipIf(process.platform !== 'linux');

/** Only of this run: a sweep looks at every process of the machine. */
const lane = `${process.pid}`.padStart(8, '0');

let directory: string;
let sleepers: ChildProcess[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'recac-sweep-'));
  sleepers = [];
});
afterEach(() => {
  for (const sleeper of sleepers) sleeper.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

/** A process with the marker of command `number`; `fifo`: its stdout. */
async function startSleeper(number: number | undefined, fifo = '/dev/null'): Promise<ChildProcess> {
  const marker = number === undefined ? {} : { RECAC_EXEC: `${lane}-1-${number}.` };
  const sleeper = spawn('sh', ['-c', `echo ready >&2; exec sleep 60 1<>'${fifo}'`], {
    env: { PATH: process.env.PATH, ...marker },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  sleepers.push(sleeper);
  await once(sleeper.stderr, 'data');
  await expect.poll(() => spawnSync('cat', [`/proc/${sleeper.pid}/comm`]).stdout.toString()).toBe('sleep\n');
  return sleeper;
}

/** What the sweep after command 1 says, and which of the processes it has killed. */
async function sweep([file = '', ...words]: readonly string[]): Promise<{ said: string; killed: readonly boolean[] }> {
  const shell = spawn(file, [...words, '-c', controlLaneScript, 'recac-control', directory, directory]);
  let said = '';
  shell.stdout.on('data', (piece: Buffer) => {
    said += piece.toString();
  });
  shell.stdin.end(`_rcsweep RECAC_EXEC=${lane}-1-1. ${lane}-1 1\n`);
  await once(shell, 'close');
  return { said, killed: sleepers.map(({ signalCode }) => signalCode === 'SIGKILL') };
}

linuxTest.each(shells)(
  'under $name, a sweep takes no command for another whose number begins alike',
  async ({ argv }) => {
    for (const number of [1, 10, 12]) await startSleeper(number);
    expect(await sweep(argv)).toEqual({ said: 'ready\n1\n', killed: [true, false, false] });
  },
);

linuxTest.each(shells)('under $name, a sweep finds what holds the output and carries no marker', async ({ argv }) => {
  const fifo = join(directory, `${lane}-1.o`);
  spawnSync('sh', ['-c', 'mkfifo "$0"', fifo]);
  writeFileSync(join(directory, `${lane}-1.log`), '1 p 2 3 4 5 0 0 100 0\n1 c 0 -\n');
  await startSleeper(undefined, fifo);
  expect(await sweep(argv)).toEqual({ said: 'ready\n1\n', killed: [true] });
});

linuxTest.each(shells)(
  'under $name, a sweep leaves the output to the next command of the segment, once that has started',
  async ({ argv }) => {
    const fifo = join(directory, `${lane}-1.o`);
    spawnSync('sh', ['-c', 'mkfifo "$0"', fifo]);
    writeFileSync(
      join(directory, `${lane}-1.log`),
      '1 p 2 3 4 5 0 0 100 0\n1 c 0 -\n1 e 0 0 0 0 0\n2 p 2 3 4 5 0 0 100 0\n',
    );
    await startSleeper(2, fifo);
    await startSleeper(1);
    expect(await sweep(argv)).toEqual({ said: 'ready\n1\n', killed: [false, true] });
  },
);
