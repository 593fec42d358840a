import { RecacError } from '@recac/engine-core';
import { readText } from '../../src/stream-reader.ts';
import { type Mutant, override } from './mutant.ts';
import { changeExecOptions, changeResult, changeSpawned } from './patches.ts';

/** Faults of signals, time limits and cancellation. */
export const endingMutants: readonly Mutant[] = [
  {
    fault: 'SIGSEGV is reported as SIGBUS',
    fails: 'signals/death-is-signaled',
    patch: changeResult(({ outcome }) =>
      outcome.type === 'signaled' && outcome.signal === 'SIGSEGV'
        ? { outcome: { type: 'signaled', signal: 'SIGBUS' } }
        : {},
    ),
  },
  {
    fault: 'the exit code of a signal is 1',
    fails: 'signals/exit-code-of-signal',
    patch: changeResult(({ outcome }) => (outcome.type === 'signaled' ? { exitCode: 1 } : {})),
  },
  {
    fault: 'an exit code above 128 is taken for a signal',
    fails: 'signals/exit-137-is-exited',
    patch: changeResult(({ outcome }) =>
      outcome.type === 'exited' && outcome.code === 137 ? { outcome: { type: 'signaled', signal: 'SIGKILL' } } : {},
    ),
  },
  {
    fault: 'SIGUSR1 is sent as SIGUSR2',
    fails: 'signals/delivered',
    patch: changeSpawned((handle) => ({ signal: (name) => handle.signal(name === 'SIGUSR1' ? 'SIGUSR2' : name) })),
  },
  {
    fault: 'an unknown signal name is ignored',
    fails: 'signals/unknown-name',
    patch: changeSpawned((handle) => ({ signal: (name) => handle.signal(name).catch(() => undefined) })),
  },
  {
    fault: 'spawn ignores timeoutMs',
    fails: 'timeouts/of-a-handle',
    patch: (engine) => ({
      spawn: (id, command, { timeoutMs: _ignored, ...options } = {}) => engine.spawn(id, command, options),
    }),
  },
  {
    fault: 'the idle time is counted from the start',
    fails: 'timeouts/idle-reset',
    patch: (engine) => ({
      exec: async (id, command, { idleTimeoutMs, ...options } = {}) => {
        if (idleTimeoutMs === undefined) return engine.exec(id, command, options);
        const result = await engine.exec(id, command, { ...options, timeoutMs: idleTimeoutMs });
        return result.outcome.type === 'timedOut'
          ? { ...result, outcome: { ...result.outcome, limit: 'idle' as const } }
          : result;
      },
    }),
  },
  {
    fault: 'the grace is not waited for',
    fails: 'timeouts/kill-after-grace',
    patch: changeExecOptions((options) =>
      options.killGraceMs === undefined ? options : { ...options, killGraceMs: 1 },
    ),
  },
  {
    fault: 'output before the limit is thrown away',
    fails: 'timeouts/output-kept',
    also: ['timeouts/term-first'],
    patch: changeResult(({ outcome }) =>
      outcome.type === 'timedOut' && outcome.limit === 'total' ? { stdout: '', stderr: '' } : {},
    ),
  },
  {
    fault: 'a signal that has fired before the start is ignored',
    fails: 'cancellation/before-exec',
    patch: (engine) => ({
      exec: (id, command, { signal, ...options } = {}) =>
        engine.exec(id, command, { ...options, ...(signal === undefined || signal.aborted ? {} : { signal }) }),
    }),
  },
  {
    fault: 'a cancelled exec is a success',
    fails: 'cancellation/during-exec',
    patch: changeResult(({ outcome }) =>
      outcome.type === 'cancelled' ? { outcome: { type: 'exited', code: 0 }, exitCode: 0 } : {},
    ),
  },
  {
    fault: 'a cancelled start leaves its environment',
    fails: 'cancellation/during-start',
    patch: (engine) => ({
      startEnvironment: async (spec, { signal, ...options } = {}) => {
        if (signal?.aborted) return engine.startEnvironment(spec, { ...options, signal });
        const environment = await engine.startEnvironment(spec, options);
        if (signal?.aborted) throw new RecacError('RECAC_ABORTED', 'cancelled.');
        return environment;
      },
    }),
  },
  {
    fault: 'the second cancel throws',
    fails: 'cancellation/twice',
    patch: changeSpawned((handle) => {
      let cancelled = false;
      return {
        cancel: async () => {
          if (cancelled) throw new TypeError('already cancelled');
          cancelled = true;
          await handle.cancel();
        },
      };
    }),
  },
  {
    fault: 'cancel after the end changes the outcome',
    fails: 'cancellation/after-the-end',
    patch: (engine) => ({
      spawn: async (id, command, options) => {
        const handle = await engine.spawn(id, command, options);
        let cancelled = false;
        return override(handle, {
          cancel: async () => {
            cancelled = true;
            await handle.cancel();
          },
          wait: async () => {
            const end = await handle.wait();
            return cancelled ? { ...end, outcome: { type: 'cancelled' as const } } : end;
          },
        });
      },
    }),
  },
  {
    fault: 'cancel after the end ends the child that the command has named',
    fails: 'cancellation/left-behind',
    patch: (engine) => ({
      attachExec: async (id, execId, options) =>
        override(await engine.attachExec(id, execId, options), {
          cancel: async () => {
            const pid = (await readText((await engine.attachExec(id, execId)).stdout)).trim();
            await engine.exec(id, ['sh', '-c', `kill ${pid}; while kill -0 ${pid}; do sleep 0.05; done`]);
          },
        }),
    }),
  },
];
