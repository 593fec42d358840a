import { setTimeout as sleep } from 'node:timers/promises';
import type { Mutant } from './mutant.ts';
import { changeExecOptions, changeResult } from './patches.ts';

const nothing = new Uint8Array();
const lossy = (data: Uint8Array) => new Uint8Array(Buffer.from(Buffer.from(data).toString('utf8')));

/** Faults of output. */
export const streamsMutants: readonly Mutant[] = [
  {
    fault: 'stderr is dropped',
    fails: 'streams/stdout-and-stderr-apart',
    also: [
      'streams/every-byte',
      'streams/random-megabyte',
      'streams/many-small-writes',
      'streams/dev-stdout',
      'streams/tee-dev-stderr',
      'streams/proc-self-fd',
      'streams/invalid-utf8',
      'streams/forged-frames',
      'streams/cap-per-stream',
    ],
    patch: changeResult(() => ({ stderr: '', stderrData: nothing, stderrBytes: 0 })),
  },
  {
    fault: 'a short stderr is merged into stdout',
    fails: 'streams/stdout-and-stderr-apart',
    patch: changeResult(({ stdout, stderr }) =>
      stderr.startsWith('err\n') ? { stdout: stdout + stderr, stderr: '' } : {},
    ),
  },
  {
    fault: 'stdoutData is decoded as UTF-8',
    fails: 'streams/invalid-utf8',
    also: ['streams/every-byte', 'streams/random-megabyte'],
    patch: changeResult(({ stdoutData }) => ({ stdoutData: lossy(stdoutData) })),
  },
  {
    fault: 'output is cut at 16 MiB and nothing said',
    fails: 'streams/large-exact',
    patch: (engine) => ({
      exec: async (id, command, options = {}) => {
        const maxOutputBytes = Math.min(options.maxOutputBytes ?? 2 ** 24, 2 ** 24);
        const result = await engine.exec(id, command, { ...options, maxOutputBytes });
        return result.stdoutData.length < 2 ** 24 ? result : { ...result, truncated: false };
      },
    }),
  },
  {
    fault: 'the cap is shared by both streams',
    fails: 'streams/cap-per-stream',
    patch: changeResult(({ stderrData, stdoutData }, { maxOutputBytes }) => {
      if (maxOutputBytes === undefined) return {};
      const data = stderrData.subarray(0, Math.max(0, maxOutputBytes - stdoutData.length));
      return { stderrData: data, stderr: Buffer.from(data).toString() };
    }),
  },
  {
    fault: 'output that just fits is called truncated',
    fails: 'streams/cap-not-reached',
    patch: changeResult(({ stdoutData, truncated }, { maxOutputBytes }) => ({
      truncated: truncated || stdoutData.length === maxOutputBytes,
    })),
  },
  {
    fault: 'the last line without a newline is lost',
    fails: 'streams/no-newline',
    patch: changeResult(({ stdoutData }) =>
      stdoutData.length > 2 ** 22 ? { stdoutData: stdoutData.subarray(0, -3) } : {},
    ),
  },
  {
    fault: 'output that says exit 0 is believed',
    fails: 'streams/forged-frames',
    patch: changeResult(({ stdout }) =>
      /\nexit 0\r?\n/.test(stdout) && stdout.includes('__')
        ? { outcome: { type: 'exited', code: 0 }, exitCode: 0 }
        : {},
    ),
  },
  {
    fault: 'a background child delays the result',
    fails: 'streams/background-child',
    patch: changeResult(async ({ outputHeldOpen }) => {
      if (outputHeldOpen) await sleep(6_000);
      return {};
    }),
  },
  {
    fault: 'outputHeldOpen is always true',
    fails: 'streams/output-not-held',
    patch: changeResult(() => ({ outputHeldOpen: true })),
  },
  {
    fault: 'callbacks are called at the end only',
    fails: 'streams/live',
    patch: (engine) => ({
      exec: async (id, command, { onStdout, onStderr, ...options } = {}) => {
        const result = await engine.exec(id, command, options);
        await onStdout?.(result.stdoutData);
        await onStderr?.(result.stderrData);
        return result;
      },
    }),
  },
  {
    fault: 'the first piece is given to onStdout twice',
    fails: 'streams/callbacks-complete',
    patch: changeExecOptions(({ onStdout, ...options }) => {
      if (onStdout === undefined) return options;
      let pieces = 0;
      return {
        ...options,
        onStdout: async (chunk) => {
          pieces += 1;
          if (pieces === 1) await onStdout(chunk);
          await onStdout(chunk);
        },
      };
    }),
  },
];
