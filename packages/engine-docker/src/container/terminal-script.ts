import type { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { RecacError } from '@recac/engine-core';
import { readLine, toExecRefusal } from '@recac/engine-kit';
import type { StreamProcess } from '../stream/stream-process.ts';
import type { ExecProcessSpec } from './exec-process.ts';
import { toExecText } from './exec-text.ts';

/** What a terminal says before its program has it. */
const sign = { entered: 5, refused: 21 } as const;

/** The shell of a busy machine may take a moment to begin. */
const signDeadlineMs = 20_000;

/** Variables that no shell hands on come in others: `NAME=value` of the first in the one with the number 1. */
const carrier = 'RECAC_CARRIED_';

/**
 * POSIX sh; parameters: the working directory or nothing, how many variables are carried, then the command. Refuses the directories that the dispatcher of other commands does, in its words: the daemon
 * would enter a link into /proc (CVE-2024-21626). Then it waits, for a moment, until the terminal has its size. Daemons before API 1.42 can set it only after
 * the start, too late for a program that looks once (docker/cli#3554).
 */
const terminalScript = `
_rcno() { printf '\\025%s\\n' "$1"; exit 125; }
if [ -n "$1" ]; then
  [ -e "$1" ] || _rcno missing
  [ -d "$1" ] || _rcno file
  cd -P -- "$1" 2>/dev/null || _rcno denied
  case $PWD/ in /proc/*) _rcno proc ;; esac
  printf '\\005'
fi
_rcn=$2
shift 2
trap : WINCH; sleep 0.3 & wait $!; trap - WINCH
if [ "$_rcn" -gt 0 ]; then
  while [ "$_rcn" -gt 0 ]; do
    eval 'set -- "$${carrier}'"$_rcn"'" "$@"'
    unset "${carrier}$_rcn"
    _rcn=$((_rcn - 1))
  done
  set -- env -- "$@"
fi
exec "$@"
`;

/** A name that every shell hands on to the programs that it starts. */
const shellName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * The same process, begun by a shell that checks its directory and waits for its size. Values stay in the variables of the exec: its argv is shown in events of the daemon and in
 * what it tells of a container. Those whose name no shell hands on are in the argv of `env` until that becomes the program.
 */
export function throughTerminal(spec: ExecProcessSpec): ExecProcessSpec {
  const { argv, environmentVariables = {}, workingDirectory = '', ...rest } = spec;
  const all = Object.entries({ TERM: 'xterm-256color', ...spec.user?.environmentVariables, ...environmentVariables });
  const named = all.filter(([name]) => shellName.test(name));
  const carried = all
    .filter(([name]) => !shellName.test(name))
    .map(([name, value]) => `${name}=${toExecText(value, `environmentVariables.${name}`)}`);
  return {
    ...rest,
    argv: [
      'sh',
      '-c',
      terminalScript,
      'recac',
      workingDirectory,
      String(carried.length),
      ...argv.map((argument, index) => toExecText(argument, `command[${index}]`)),
    ],
    environmentVariables: {
      ...Object.fromEntries(named),
      ...Object.fromEntries(carried.map((pair, index) => [`${carrier}${index + 1}`, pair])),
    },
    ...(workingDirectory === '' ? {} : { workingDirectory: '/' }),
  };
}

/**
 * Waits until a terminal is in its working directory. What ends without a word is a failure that its output tells. Errors: `RECAC_INVALID_ARGUMENT` with the field
 * `workingDirectory`, `RECAC_EXEC_FAILED` when nothing comes.
 */
export async function untilEntered(process: StreamProcess, signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.timeout(signDeadlineMs);
  try {
    const first = await readByte(process, AbortSignal.any([signal, deadline]));
    if (first === sign.entered || first === undefined) return;
    if (first !== sign.refused) {
      process.stdout.unshift(Uint8Array.of(first));
      return;
    }
    const word = await readLine(process.stdout, AbortSignal.any([signal, deadline]));
    throw toExecRefusal(['x', '', 'workingDirectory', (word ?? '').trim()]);
  } catch (error) {
    process.close();
    if (!deadline.aborted || signal.aborted) throw error;
    const text = `no terminal answered in the environment within ${signDeadlineMs / 1_000} s. Look at the daemon's machine.`;
    throw new RecacError('RECAC_EXEC_FAILED', text, { cause: error, details: { reason: 'NoAnswer' } });
  }
}

async function readByte({ stdout }: StreamProcess, signal: AbortSignal): Promise<number | undefined> {
  for (;;) {
    const byte = stdout.read(1) as Buffer | null;
    if (byte !== null) return byte[0];
    if (stdout.readableEnded || stdout.destroyed) return undefined;
    await Promise.race([once(stdout, 'readable', { signal }), once(stdout, 'close', { signal })]);
  }
}
