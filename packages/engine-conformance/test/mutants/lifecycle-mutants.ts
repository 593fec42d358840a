import { setTimeout } from 'node:timers/promises';
import { type EnvironmentStatus, RecacError } from '@recac/engine-core';
import type { Mutant } from './mutant.ts';

const isConflict = (error: unknown) => RecacError.isInstance(error) && error.code === 'RECAC_ENVIRONMENT_CONFLICT';

/** Faults of start, list and stop. */
export const lifecycleMutants: readonly Mutant[] = [
  {
    fault: 'the second stop throws',
    fails: 'lifecycle/stop-twice',
    patch: (engine) => {
      const stopped = new Set<string>();
      return {
        stopEnvironment: async (id) => {
          if (stopped.has(id)) throw new RecacError('RECAC_ENVIRONMENT_NOT_FOUND', 'gone.');
          stopped.add(id);
          await engine.stopEnvironment(id);
        },
      };
    },
  },
  {
    fault: 'stopping an unknown id throws',
    fails: 'lifecycle/stop-unknown',
    patch: (engine) => {
      const known = new Set<string>();
      return {
        startEnvironment: async (spec, options) => {
          const environment = await engine.startEnvironment(spec, options);
          known.add(environment.id);
          return environment;
        },
        stopEnvironment: async (id) => {
          if (!known.has(id)) throw new RecacError('RECAC_ENVIRONMENT_NOT_FOUND', 'unknown.');
          await engine.stopEnvironment(id);
        },
      };
    },
  },
  {
    fault: 'a second start gives the living environment',
    fails: 'lifecycle/same-session-conflicts',
    patch: (engine) => ({
      startEnvironment: async (spec, options) => {
        try {
          return await engine.startEnvironment(spec, options);
        } catch (error) {
          const [living] = isConflict(error) ? await engine.listEnvironments({ sessionId: spec.sessionId }) : [];
          if (living === undefined) throw error;
          return living;
        }
      },
    }),
  },
  {
    fault: 'a session id stays taken after the stop',
    fails: 'lifecycle/restart-same-session',
    patch: (engine) => {
      const used = new Set<string>();
      return {
        startEnvironment: async (spec, options) => {
          if (used.has(spec.sessionId)) throw new RecacError('RECAC_ENVIRONMENT_CONFLICT', 'taken.');
          const environment = await engine.startEnvironment(spec, options);
          used.add(spec.sessionId);
          return environment;
        },
      };
    },
  },
  {
    fault: 'a failed start leaves an environment behind',
    fails: 'lifecycle/failed-start-leaves-nothing',
    patch: (engine) => ({
      startEnvironment: async (spec, options) => {
        try {
          return await engine.startEnvironment(spec, options);
        } catch (error) {
          if (!isConflict(error)) await engine.startEnvironment({ sessionId: spec.sessionId });
          throw error;
        }
      },
    }),
  },
  {
    fault: 'the list leaves one environment out',
    fails: 'lifecycle/list',
    patch: (engine) => ({
      listEnvironments: async (filter) => {
        const listed = await engine.listEnvironments(filter);
        return listed.length < 2 ? listed : listed.slice(0, -1);
      },
    }),
    alone: true,
  },
  {
    fault: 'labels are forgotten',
    fails: 'lifecycle/inspect',
    patch: (engine) => ({
      inspectEnvironment: async (id, options): Promise<EnvironmentStatus> => ({
        ...(await engine.inspectEnvironment(id, options)),
        labels: {},
      }),
    }),
  },
  {
    fault: 'ready is told first',
    fails: 'lifecycle/start-events',
    patch: (engine) => ({
      startEnvironment: (spec, options = {}) => {
        options.onEvent?.({ phase: 'ready', state: 'finished', elapsedMs: 0 });
        return engine.startEnvironment(spec, options);
      },
    }),
  },
  {
    fault: 'only the engine that started an environment renews its lease',
    fails: 'lifecycle/lease-renewed-by-exec',
    patch: (engine) => {
      const started = new Set<string>();
      return {
        startEnvironment: async (spec, options) => {
          const environment = await engine.startEnvironment(spec, options);
          started.add(environment.id);
          return environment;
        },
        exec: async (id, command, options) => {
          if (started.has(id) || command[0] !== 'sleep') return engine.exec(id, command, options);
          const [result] = await Promise.all([
            engine.exec(id, command, options),
            setTimeout(2_000).then(() => engine.stopEnvironment(id)),
          ]);
          return result;
        },
      };
    },
  },
  {
    fault: 'init gives another answer each time',
    fails: 'lifecycle/init',
    patch: (engine) => {
      let calls = 0;
      return {
        init: async (options) => {
          calls += 1;
          return { ...(await engine.init(options)), version: `${calls}` };
        },
      };
    },
  },
];
