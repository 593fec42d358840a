import type {
  CallOptions,
  Command,
  CommandOptions,
  Config,
  ContainerEngine,
  Environment,
  ExecHandle,
  ExecOptions,
  WorkspaceStrategy,
} from '@recac/engine-core';
import { joinErrors, runCleanup } from './cleanup.ts';
import type { Session } from './session.ts';
import type { SessionListener } from './session-event.ts';
import { withoutUndefined } from './without-undefined.ts';

/** The started parts that a session is made of. */
export interface SessionParts {
  /** Engine that the environment runs on. */
  readonly engine: ContainerEngine;
  /** Closes the engine, or nothing when it is the caller's. */
  readonly closeEngine: () => Promise<void>;
  /** The started environment. */
  readonly environment: Environment;
  /** The prepared strategy. */
  readonly strategy: WorkspaceStrategy;
  /** Defaults for commands. */
  readonly config: Config;
  /** Told what happens. */
  readonly emit: SessionListener;
}

/** A session over parts that were already started; it owns them from now on. */
export function createSession(parts: SessionParts): Session {
  const { engine, environment, strategy, config, emit } = parts;
  const defaults = toCommandDefaults(config);
  let stopping: Promise<void> | undefined;
  const stop = (options: CallOptions = {}): Promise<void> => {
    stopping ??= stopSession(parts, options);
    return stopping;
  };
  return {
    name: environment.sessionId,
    engine,
    environment,
    strategy: strategy.name,
    run: (command, options = {}) => {
      const onStarted: ExecOptions['onStarted'] = (handle) => {
        announce(handle, command, emit);
        options.onStarted?.(handle);
      };
      return engine.exec(environment.id, command, { ...defaults, ...options, onStarted });
    },
    spawn: async (command, options = {}) => {
      const handle = await engine.spawn(environment.id, command, { ...defaults, ...options });
      announce(handle, command, emit);
      return handle;
    },
    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}

function toCommandDefaults(config: Config): CommandOptions {
  const { timeoutMs, idleTimeoutMs, killGraceMs } = config.session;
  return withoutUndefined({ timeoutMs, idleTimeoutMs, killGraceMs });
}

function announce(handle: ExecHandle, command: Command, emit: SessionListener): void {
  const { execId } = handle;
  emit({
    type: 'exec',
    state: 'started',
    execId,
    command: command.map((part) => (typeof part === 'string' ? part : Buffer.from(part).toString())),
  });
  handle.wait().then(
    (end) => emit({ type: 'exec', state: 'ended', execId, end }),
    () => {},
  );
}

async function stopSession(
  { engine, environment, strategy, closeEngine, emit }: SessionParts,
  options: CallOptions,
): Promise<void> {
  const errors = await runCleanup([
    async () => {
      emit({ type: 'harvest', state: 'started' });
      emit({ type: 'harvest', state: 'finished', report: await strategy.harvest(environment, options) });
    },
    async () => {
      emit({ type: 'stop', state: 'started' });
      await engine.stopEnvironment(environment.id, options);
      emit({ type: 'stop', state: 'finished' });
    },
    () => strategy.dispose(),
    closeEngine,
  ]);
  if (errors.length > 0) throw joinErrors(errors);
}
