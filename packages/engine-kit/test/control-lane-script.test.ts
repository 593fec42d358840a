import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { controlLaneScript } from '../src/lane/control-lane-script.ts';

/** Field 22 of /proc/PID/stat. */
function startTimeOf(pid: number): string {
  return String(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[19]);
}

test.skipIf(process.platform !== 'linux')(
  'a lane that lives and never has a position ends the look at it, and says nothing of it',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'recac-control-'));
    const lane = spawn('sleep', ['600'], { stdio: 'ignore' });
    const shell = spawn('sh', ['-c', controlLaneScript, 'recac-control', directory, directory]);
    try {
      const said: string[] = [];
      shell.stdout.on('data', (piece: Buffer) => said.push(piece.toString()));
      const ended = once(shell, 'close');
      const pid = lane.pid ?? 0;
      shell.stdin.write(`_rcpoll ${pid} ${startTimeOf(pid)} ${pid} ${startTimeOf(pid)} segment\n`);
      expect(await ended).toEqual([1, null]);
      expect(said.join('')).toBe('ready\n');
    } finally {
      shell.kill();
      lane.kill();
      rmSync(directory, { recursive: true });
    }
  },
  60_000,
);

/** What the script says to some requests, in a directory that `prepare` made. */
async function ask(
  requests: string,
  prepare: (directory: string) => void = () => {},
  [file = '', ...words]: readonly string[] = ['sh'],
): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'recac-control-'));
  try {
    prepare(directory);
    const pool = join(directory, 'pool');
    const shell = spawn(file, [...words, '-c', controlLaneScript, 'recac-control', pool, directory]);
    const said: string[] = [];
    shell.stdout.on('data', (piece: Buffer) => said.push(piece.toString()));
    shell.stdin.on('error', () => {});
    shell.stdin.end(requests);
    await once(shell, 'close');
    return said.join('');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('a note of another user that cannot be written does not end the lane', async () => {
  const said = await ask('_rcattach\n_rcattached\n', (directory) => mkdirSync(join(directory, 'attached')));
  expect(said).toBe('ready\n.\n1\n');
});

test('records below a link are not trusted', async () => {
  expect(await ask('_rclist\n', (directory) => symlinkSync('/tmp', join(directory, 'pool')))).toBe('foreign\n');
});

test.skipIf(process.getuid?.() !== 0)('nor are those in a directory of another user', async () => {
  const said = await ask('_rclist\n', (directory) => {
    mkdirSync(join(directory, 'pool'));
    chownSync(join(directory, 'pool'), 10_000, 10_000);
  });
  expect(said).toBe('foreign\n');
});

const shells = [['dash'], ['bash', '--norc'], ['busybox', 'sh']]
  .map((argv) => ({ name: String(argv[0]), argv }))
  .filter(({ argv: [file = '', ...words] }) => spawnSync(file, [...words, '-c', 'true']).status === 0);

test.each(shells)('under $name, no name that something else has made ends an answer', async ({ argv }) => {
  const makeNames = (directory: string): void => {
    for (const name of ['pool', 'u-1', 'u-x\n.', 'u-a b']) mkdirSync(join(directory, name));
    for (const name of ['a-1.log', 'x\n.\n.log']) writeFileSync(join(directory, 'pool', name), '1 p\n');
  };
  expect(await ask('_rcpools\n_rclist\n', makeNames, argv)).toBe('ready\nu-1\n.\na-1.log 1 p\n.\n');
});
