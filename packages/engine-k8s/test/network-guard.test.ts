import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { NetworkGuard } from '../src/environment/network-guard.ts';
import { probeNetwork } from '../src/exec/network-probe.ts';
import type { WaitingShell } from '../src/exec/open-pod-process.ts';

/** A shell from which the name server is reached in the first tries, as while a network plugin does not know the policy yet. */
function openShell(openTries: number) {
  const given = { tries: 0 };
  const stdout = new PassThrough();
  const stdin = new PassThrough().on('data', (data: Buffer) => {
    if (data.toString() === '\n') return void stdout.write('done\n');
    given.tries += 1;
    const word = given.tries <= openTries ? 'answered' : 'closed';
    stdout.write(`go\nclosed apiServer\n${word} nameServer\n`);
  });
  return { given, shell: { process: { stdin, stdout }, pid: 1 } as unknown as WaitingShell };
}

const options = { preset: 'none', onWarning: () => {}, signal: new AbortController().signal } as const;

test('a policy that holds at once is tried once for an engine', async () => {
  const guard = new NetworkGuard();
  const [first, second] = [openShell(0), openShell(0)];
  for (const { shell } of [first, second]) await guard.prove(shell, options);
  expect([first.given.tries, second.given.tries]).toEqual([1, 0]);
});

test('once a policy came late every start waits until its own holds', async () => {
  const guard = new NetworkGuard();
  const starts = [openShell(2), openShell(1), openShell(0), openShell(1)];
  for (const { shell } of starts) await guard.prove(shell, options);
  expect(starts.map(({ given }) => given.tries)).toEqual([3, 2, 1, 2]);
});

test('a shell that says nothing to the try, or ends, is an error of its own', async () => {
  const open = (stdout: PassThrough) =>
    ({ process: { stdin: new PassThrough(), stdout }, pid: 1 }) as unknown as WaitingShell;
  const code = 'RECAC_EXEC_FAILED';
  const silent = probeNetwork(open(new PassThrough()), 'query', options.signal, 50);
  await expect(silent).rejects.toMatchObject({ code, message: expect.stringContaining('no answer') });
  const ended = probeNetwork(open(new PassThrough().end()), 'query', options.signal);
  await expect(ended).rejects.toMatchObject({ code, message: expect.stringContaining('ended early') });
});
