import { rm } from 'node:fs/promises';
import { type EnvironmentStatus, type ExecOutcome, type RecacError, unsupportedCapability } from '@recac/engine-core';
import type { Mutant } from './mutant.ts';
import { changeExecOptions } from './patches.ts';

const unsupported = () => unsupportedCapability('mutant', 'execAsUser', 'Leave it out.');
const lostAsZero = { outcome: { type: 'exited', code: 0 } satisfies ExecOutcome, exitCode: 0 };

/** Faults of errors, capabilities, concurrency and cleanup. */
export const boundaryMutants: readonly Mutant[] = [
  {
    fault: 'exec on an unknown environment is a TypeError',
    fails: 'errors/unknown-environment',
    also: ['errors/stopped-environment'],
    patch: (engine) => ({
      exec: async (id, command, options) => {
        await engine.inspectEnvironment(id).catch((error: RecacError) => {
          if (error.code === 'RECAC_ENVIRONMENT_NOT_FOUND') throw new TypeError('cannot read properties of undefined');
        });
        return engine.exec(id, command, options);
      },
    }),
  },
  {
    fault: 'close does not close',
    fails: 'errors/after-close',
    patch: () => ({ close: () => Promise.resolve() }),
  },
  {
    fault: 'reserved labels are dropped silently',
    fails: 'errors/reserved-labels',
    patch: (engine) => ({
      startEnvironment: ({ labels = {}, ...spec }, options) =>
        engine.startEnvironment(
          {
            ...spec,
            labels: Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith('recac.dev/'))),
          },
          options,
        ),
    }),
  },
  {
    fault: 'an unknown workspace is a scratch one',
    fails: 'errors/workspace-type',
    patch: (engine) => ({
      startEnvironment: ({ workspace, ...spec }, options) => {
        const isKnown = workspace === undefined || ['scratch', 'bind', 'kept'].includes(workspace.type);
        return engine.startEnvironment({ ...spec, ...(isKnown && workspace ? { workspace } : {}) }, options);
      },
    }),
  },
  {
    fault: 'an unknown lostStdin means hold',
    fails: 'errors/lost-stdin',
    patch: changeExecOptions(({ lostStdin, ...options }) =>
      lostStdin === 'end' ? { ...options, lostStdin } : options,
    ),
  },
  {
    fault: 'a time limit of 0 means none',
    fails: 'errors/limits',
    patch: changeExecOptions(({ timeoutMs, ...options }) =>
      timeoutMs === undefined || timeoutMs === 0 ? options : { ...options, timeoutMs },
    ),
  },
  {
    fault: 'a session id is cut to 200 characters',
    fails: 'errors/session-ids',
    patch: (engine) => ({
      startEnvironment: (spec, options) =>
        engine.startEnvironment({ ...spec, sessionId: spec.sessionId.slice(0, 200) }, options),
    }),
  },
  {
    fault: 'bindMount is declared false and works',
    fails: 'capabilities/no-bind-mount',
    patch: ({ capabilities }) => ({ capabilities: { ...capabilities, bindMount: false } }),
  },
  {
    fault: 'durableExec is declared false and works',
    fails: 'capabilities/no-durable-exec',
    patch: ({ capabilities }) => ({ capabilities: { ...capabilities, durableExec: false } }),
  },
  {
    fault: 'resourceLimits is declared true and limits nothing',
    fails: 'capabilities/resource-limits',
    patch: (engine) => ({
      capabilities: { ...engine.capabilities, isolation: 'container', resourceLimits: true },
      startEnvironment: ({ resources: _ignored, ...spec }, options) => engine.startEnvironment(spec, options),
    }),
  },
  {
    fault: 'readOnly is ignored',
    fails: 'capabilities/read-only-bind',
    patch: (engine) => ({
      startEnvironment: ({ workspace, ...spec }, options) => {
        const written = workspace?.type === 'bind' ? { ...workspace, readOnly: false } : workspace;
        return engine.startEnvironment({ ...spec, ...(written ? { workspace: written } : {}) }, options);
      },
    }),
  },
  {
    fault: 'the user of a specification is ignored where none can be',
    fails: 'capabilities/no-exec-as-user',
    patch: (engine) => ({
      capabilities: { ...engine.capabilities, execAsUser: false },
      execAsUser: () => Promise.reject(unsupported()),
      exec: (id, command, options = {}) =>
        options.user === undefined ? engine.exec(id, command, options) : Promise.reject(unsupported()),
      spawn: (id, command, options = {}) =>
        options.user === undefined ? engine.spawn(id, command, options) : Promise.reject(unsupported()),
      startEnvironment: ({ user: _ignored, ...spec }, options) => engine.startEnvironment(spec, options),
    }),
  },
  {
    fault: 'the network of a specification is ignored',
    fails: 'capabilities/no-network-presets',
    patch: (engine) => ({
      startEnvironment: ({ network: _ignored, ...spec }, options) => engine.startEnvironment(spec, options),
    }),
  },
  {
    fault: 'the image of a specification is ignored',
    fails: 'capabilities/no-images',
    patch: (engine) => ({
      startEnvironment: ({ image: _ignored, ...spec }, options) => engine.startEnvironment(spec, options),
    }),
  },
  {
    fault: 'buildImage does nothing where it is not supported',
    fails: 'capabilities/no-build-image',
    patch: () => ({ buildImage: () => Promise.resolve('sha256:0') }),
  },
  {
    fault: 'losers of a race get the environment of the winner',
    fails: 'concurrency/same-session-race',
    patch: (engine) => ({
      startEnvironment: (spec, options) =>
        engine.startEnvironment(spec, options).catch(async (error: unknown) => {
          const [living] = await engine.listEnvironments({ sessionId: spec.sessionId });
          if (living === undefined) throw error;
          return living;
        }),
    }),
  },
  {
    fault: 'a command lost by a stop is reported as 0',
    fails: 'concurrency/stop-during-exec',
    patch: (engine) => ({
      exec: async (id, command, options) => {
        const result = await engine.exec(id, command, options).catch(() => undefined);
        if (result?.outcome.type === 'exited') return result;
        const empty = new Uint8Array();
        return {
          execId: 'lost',
          stdout: '',
          stderr: '',
          stdoutData: empty,
          stderrData: empty,
          truncated: false,
          stdoutBytes: 0,
          stderrBytes: 0,
          droppedBytes: 0,
          durationMs: 0,
          outputHeldOpen: false,
          ...result,
          ...lostAsZero,
        };
      },
    }),
  },
  {
    fault: 'a stop removes every environment',
    fails: 'cleanup/others-untouched',
    alone: true,
    patch: (engine) => ({
      stopEnvironment: async () => {
        for (const { id } of await engine.listEnvironments()) await engine.stopEnvironment(id);
      },
    }),
  },
  {
    fault: 'stopped environments stay in the list',
    fails: 'cleanup/not-listed',
    patch: (engine) => {
      const stopped: EnvironmentStatus[] = [];
      return {
        stopEnvironment: async (id) => {
          stopped.push(await engine.inspectEnvironment(id));
          await engine.stopEnvironment(id);
        },
        listEnvironments: async (filter) => [...(await engine.listEnvironments(filter)), ...stopped],
      };
    },
  },
  {
    fault: 'a stop deletes the bound directory',
    fails: 'cleanup/bound-files-stay',
    patch: (engine) => {
      const bound = new Map<string, string>();
      return {
        startEnvironment: async (spec, options) => {
          const environment = await engine.startEnvironment(spec, options);
          if (spec.workspace?.type === 'bind') bound.set(environment.id, spec.workspace.hostPath);
          return environment;
        },
        stopEnvironment: async (id) => {
          await engine.stopEnvironment(id);
          const hostPath = bound.get(id);
          if (hostPath !== undefined) await rm(hostPath, { recursive: true, force: true });
        },
      };
    },
  },
  {
    fault: 'disposing the engine stops its environments',
    fails: 'cleanup/dispose-engine',
    alone: true,
    patch: (engine) => ({
      [Symbol.asyncDispose]: async () => {
        for (const { id } of await engine.listEnvironments()) await engine.stopEnvironment(id);
        await engine.close();
      },
    }),
  },
];
