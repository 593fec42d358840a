import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { execLaneScript } from '../src/lane/exec-lane-script.ts';
import { buildExecRequest } from '../src/lane/exec-request.ts';
import { stdinFeederScript } from '../src/lane/stdin-feeder-script.ts';

const shells = [['dash'], ['bash', '--norc'], ['busybox', 'sh']]
  .map((argv) => ({ name: String(argv[0]), argv }))
  .filter(({ argv: [file = '', ...words] }) => spawnSync(file, [...words, '-c', 'true']).status === 0);

const linuxTest = test.skipIf(process.platform !== 'linux');

/** A script that runs in a shell, line by line. */
class Script {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<unknown>;
  readonly #lines: AsyncIterator<string>;

  constructor([file = '', ...words]: readonly string[], script: string, ...parameters: readonly string[]) {
    this.child = spawn(file, [...words, '-c', script, ...parameters]);
    this.child.stdin.on('error', () => {});
    this.child.stderr.resume();
    this.ended = once(this.child, 'exit');
    this.#lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  async hear(): Promise<string> {
    return String((await this.#lines.next()).value);
  }
}

interface Parts {
  readonly directory: string;
  readonly lane: Script;
  readonly feeder: Script;
  /** Asks the lane for a command with the feeder's stdin. */
  readonly ask: (command: readonly string[], workingDirectory?: string) => void;
}

/** Runs work with a lane and the feeder of its first command, and fails when the feeder does not end, or leaves anything. */
async function withLane(
  argv: readonly string[],
  whenLost: 'hold' | 'end',
  work: (parts: Parts) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'recac-late-'));
  const records = join(directory, 'pool');
  const lane = new Script(argv, execLaneScript, 'recac-lane', records, 'lane', '1000000');
  const stdinPath = join(records, 'lane-1.1.i');
  try {
    expect(await lane.hear()).toMatch(/^ready /);
    const feeder = new Script(argv, stdinFeederScript, 'recac-stdin', stdinPath, whenLost);
    try {
      expect(await feeder.hear()).toBe('ready');
      const ask = (command: readonly string[], workingDirectory = directory): void => {
        const request = { command, workingDirectory, environmentVariables: {}, marker: 'marker', meta: 'meta' };
        lane.child.stdin.write(buildExecRequest({ ...request, stdinPath }));
      };
      await work({ directory, lane, feeder, ask });
      expect(await Promise.race([feeder.ended, setTimeout(10_000, 'the feeder waits')])).not.toBe('the feeder waits');
      expect(readdirSync(records).filter((name) => /\.i(\.|$)/.test(name))).toEqual([]);
    } finally {
      feeder.child.kill('SIGKILL');
    }
  } finally {
    // A lane that is killed would leave its pumps behind.
    lane.child.stdin.end();
    await Promise.race([lane.ended, setTimeout(5_000)]);
    lane.child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

linuxTest.each(shells)(
  'under $name, a feeder that is told to begin after its command was refused ends',
  async ({ argv }) => {
    for (const delay of [0, 1, 2, 3, 5, undefined]) {
      await withLane(argv, 'hold', async ({ directory, lane, feeder, ask }) => {
        ask(['cat'], join(directory, 'missing'));
        const answers = [lane.hear(), lane.hear()];
        await (delay === undefined ? Promise.all(answers) : setTimeout(delay));
        feeder.child.stdin.end('begin\n');
        expect(await Promise.all(answers)).toEqual([
          'x 1 workingDirectory missing',
          expect.stringMatching(/^r 1 125 /),
        ]);
      });
    }
  },
  60_000,
);

linuxTest.each(shells)(
  'under $name, a stdin lost before it began ends where it shall end',
  async ({ argv }) => {
    for (const isAskedFirst of [true, false]) {
      await withLane(argv, 'end', async ({ lane, feeder, ask }) => {
        if (!isAskedFirst) feeder.child.stdin.end();
        if (!isAskedFirst) await setTimeout(200);
        ask(['cat']);
        expect(await lane.hear()).toMatch(/^p 1 /);
        if (isAskedFirst) await setTimeout(200);
        feeder.child.stdin.end();
        expect(await lane.hear()).toMatch(/^r 1 0 /);
      });
    }
  },
  60_000,
);

linuxTest.each(shells)(
  'under $name, a stdin lost before it began is held where it shall be held',
  async ({ argv }) => {
    await withLane(argv, 'hold', async ({ directory, lane, feeder, ask }) => {
      ask(['sh', '-c', 'echo $$ >begun; cat; echo ended']);
      expect(await lane.hear()).toMatch(/^p 1 /);
      feeder.child.stdin.end();
      const reply = lane.hear();
      expect(await Promise.race([reply, setTimeout(2_000, 'it runs')])).toBe('it runs');
      process.kill(-Number(readFileSync(join(directory, 'begun'), 'utf8')), 'SIGKILL');
      expect(await reply).toMatch(/^r 1 137s /);
    });
  },
  60_000,
);

linuxTest.each(shells)(
  'under $name, a feeder and a lane that both lose their line end',
  async ({ argv }) => {
    for (const isLaneFirst of [true, false]) {
      await withLane(argv, 'hold', async ({ lane, feeder }) => {
        const [first, second] = isLaneFirst ? [lane, feeder] : [feeder, lane];
        first.child.stdin.end();
        await setTimeout(200);
        second.child.stdin.end();
        await lane.ended;
      });
    }
  },
  60_000,
);
