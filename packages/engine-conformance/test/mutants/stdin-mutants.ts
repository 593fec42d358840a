import type { Mutant } from './mutant.ts';
import { changeExecOptions, changeSpawned } from './patches.ts';

/** Faults of stdin. */
export const stdinMutants: readonly Mutant[] = [
  {
    fault: 'stdin holds a newline by default',
    fails: 'stdin/empty-by-default',
    patch: changeExecOptions((options) => ({ stdin: '\n', ...options })),
  },
  {
    fault: 'a newline is added to text on stdin',
    fails: 'stdin/text',
    patch: changeExecOptions((options) =>
      typeof options.stdin === 'string' ? { ...options, stdin: `${options.stdin}\n` } : options,
    ),
  },
  {
    fault: 'bytes on stdin are decoded as UTF-8',
    fails: 'stdin/every-byte',
    also: ['stdin/both-ways'],
    patch: changeExecOptions((options) =>
      options.stdin instanceof Uint8Array
        ? { ...options, stdin: Buffer.from(options.stdin).toString('utf8') }
        : options,
    ),
  },
  {
    fault: 'only the first piece of an AsyncIterable is sent',
    fails: 'stdin/async-iterable',
    patch: changeExecOptions(({ stdin, ...options }) => {
      if (stdin === undefined || typeof stdin === 'string' || stdin instanceof Uint8Array)
        return { ...options, ...(stdin === undefined ? {} : { stdin }) };
      const first = async function* () {
        for await (const piece of stdin) {
          yield piece;
          return;
        }
      };
      return { ...options, stdin: first() };
    }),
  },
  {
    fault: 'end of file after a second of silence',
    fails: 'stdin/no-early-end',
    patch: changeSpawned((handle, options) => {
      if (options.stdin !== 'pipe') return {};
      let timer: NodeJS.Timeout | undefined;
      return {
        write: async (data) => {
          clearTimeout(timer);
          await handle.write(data);
          timer = setTimeout(() => void handle.end().catch(() => undefined), 900);
        },
        end: async () => {
          clearTimeout(timer);
          await handle.end();
        },
      };
    }),
  },
  {
    fault: 'lostStdin is ignored',
    fails: 'stdin/lost-client',
    patch: (engine) => ({
      spawn: (id, command, { lostStdin: _ignored, ...options } = {}) => engine.spawn(id, command, options),
    }),
  },
  {
    fault: 'a lost client is an end of file',
    fails: 'stdin/lost-client',
    patch: (engine) => ({
      spawn: (id, command, options = {}) => engine.spawn(id, command, { ...options, lostStdin: 'end' }),
    }),
  },
  {
    fault: 'write after end is swallowed',
    fails: 'stdin/write-after-end',
    patch: changeSpawned((handle) => {
      let ended = false;
      return {
        write: (data) => (ended ? Promise.resolve() : handle.write(data)),
        end: () => {
          ended = true;
          return handle.end();
        },
      };
    }),
  },
  {
    fault: 'the second end throws',
    fails: 'stdin/end-twice',
    patch: changeSpawned((handle) => {
      let ended = false;
      return {
        end: async () => {
          if (ended) throw new TypeError('already ended');
          ended = true;
          await handle.end();
        },
      };
    }),
  },
];
