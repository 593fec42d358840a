import type { Mutant } from './mutant.ts';
import { changeAttached, changeSpawned } from './patches.ts';

async function* doubled(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    yield chunk;
    yield chunk;
  }
}

/** Faults of detached commands and of reattaching. */
export const durableMutants: readonly Mutant[] = [
  {
    fault: 'attach ignores the offset',
    fails: 'detached/attach-from-byte',
    patch: (engine) => ({ attachExec: (id, execId) => engine.attachExec(id, execId) }),
  },
  {
    fault: 'wait of a handle that was detached never ends',
    fails: 'detached/wait-after-detach',
    patch: changeSpawned((handle) => {
      let isDetached = false;
      return {
        detach: () => {
          isDetached = true;
          return handle.detach();
        },
        wait: () => (isDetached ? new Promise(() => {}) : handle.wait()),
      };
    }),
  },
  {
    fault: 'wait of an attached handle that was aborted never ends',
    fails: 'cancellation/aborted-attach',
    patch: changeAttached((handle, { signal }) => ({
      wait: () =>
        handle.wait().catch((error: unknown) => (signal?.aborted ? new Promise(() => {}) : Promise.reject(error))),
    })),
  },
  {
    fault: 'attach delivers every piece twice',
    fails: 'detached/attach-ended',
    also: ['detached/attach-after-detach', 'detached/attach-from-byte', 'detached/two-readers'],
    patch: changeAttached((handle) => ({ stdout: doubled(handle.stdout) })),
  },
  {
    fault: 'listExecs gives the newest first',
    fails: 'detached/listed-oldest-first',
    patch: (engine) => ({ listExecs: async (id, options) => (await engine.listExecs(id, options)).toReversed() }),
  },
  {
    fault: 'listExecs leaves ended commands without outcome',
    fails: 'detached/listed-ended',
    patch: (engine) => ({
      listExecs: async (id, options) =>
        (await engine.listExecs(id, options)).map(({ outcome: _outcome, ...info }) => info),
    }),
  },
  {
    fault: 'disposing an attached handle cancels the command',
    fails: 'detached/dispose-attached',
    also: ['detached/wait-after-detach'],
    patch: changeAttached((handle) => ({ [Symbol.asyncDispose]: () => handle.cancel() })),
  },
  {
    fault: 'an engine lists only what it started',
    fails: 'reattach/other-engine-lists',
    patch: (engine) => {
      const own = new Set<string>();
      return {
        startEnvironment: async (spec, options) => {
          const environment = await engine.startEnvironment(spec, options);
          own.add(environment.id);
          return environment;
        },
        listEnvironments: async (filter) => (await engine.listEnvironments(filter)).filter(({ id }) => own.has(id)),
      };
    },
  },
  {
    fault: 'an attached stream begins at the present',
    fails: 'reattach/other-engine-attach',
    also: ['reattach/close-leaves-running'],
    patch: (engine) => ({
      attachExec: async (id, execId, options) => {
        const recorded = (await engine.listExecs(id)).find((info) => info.execId === execId);
        return engine.attachExec(id, execId, { ...options, fromStdoutByte: recorded?.stdoutBytes ?? 0 });
      },
    }),
  },
  {
    fault: 'HOME is not that of the user',
    fails: 'users/home-and-user',
    patch: (engine) => ({
      execAsUser: (id, user, command, options = {}) =>
        engine.execAsUser(id, user, command, {
          ...options,
          environmentVariables: { HOME: '/recac', ...options.environmentVariables },
        }),
    }),
  },
];
