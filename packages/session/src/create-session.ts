import {
  type Command,
  type CommandOptions,
  type Config,
  type ContainerEngine,
  type Environment,
  type ExecHandle,
  type ExecOptions,
  RecacError,
  type WorkspaceStrategy,
} from '@recac/engine-core';
import { loadRecord } from '@recac/workspace-sync';
import { startCheckpoints } from './checkpoints.ts';
import { joinErrors, runCleanup } from './cleanup.ts';
import { type HarvestSessionOptions, harvestSession } from './harvest-session.ts';
import { removeSession } from './revive-session.ts';
import type { Session, StopSessionOptions } from './session.ts';
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
  /** As in {@link Session}. */
  readonly isKept: boolean;
  /** Defaults for commands. */
  readonly config: Config;
  /** Directory of what this machine remembers of sessions. */
  readonly stateDirectory: string;
  /** Told what happens. */
  readonly emit: SessionListener;
}

/** A session over parts that were already started; it owns them from now on. */
export function createSession(parts: SessionParts): Session {
  const { engine, environment, strategy, config, emit } = parts;
  const defaults = toCommandDefaults(config);
  let stopping: Promise<void> | undefined;
  // The work may have moved on into another environment than the session ran in.
  let held = parts;
  let checkpoints = startCheckpoints(held);
  const onRevived = (revived: Environment): void => {
    held = { ...parts, environment: revived };
  };
  const stop = (options: StopSessionOptions = {}): Promise<void> => {
    stopping ??= checkpoints
      .stop()
      .then(() => stopSession(held, { ...options, onRevived }))
      .catch((error: unknown) => {
        if (isNotHarvested(error)) {
          stopping = undefined;
          checkpoints = startCheckpoints(held);
        }
        throw error;
      });
    return stopping;
  };
  return {
    name: environment.sessionId,
    engine,
    environment,
    get strategy() {
      return strategy.name;
    },
    isKept: parts.isKept,
    push: (options) => strategy.push(held.environment, options),
    pull: (options) => strategy.pull(held.environment, options),
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
    [Symbol.asyncDispose]: async () => {
      const errors = await runCleanup([stop]);
      // Only a stop that may be tried again leaves the engine open.
      const steps = stopping === undefined ? [() => checkpoints.stop(), parts.closeEngine] : [];
      const all = [...errors, ...(await runCleanup(steps))];
      if (all.length > 0) throw joinErrors(all);
    },
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
  parts: SessionParts,
  { discard = false, killGraceMs, onRevived, ...call }: StopSessionOptions & Pick<HarvestSessionOptions, 'onRevived'>,
): Promise<void> {
  const { engine, environment, strategy, closeEngine, stateDirectory, config, emit } = parts;
  const harvest = async (): Promise<void> => {
    emit({ type: 'harvest', state: 'started' });
    emit({
      type: 'harvest',
      state: 'finished',
      report: await harvestSession(engine, strategy, environment, {
        ...call,
        onRevived,
        stateDirectory,
        killGraceMs: killGraceMs ?? config.session.killGraceMs,
      }),
    });
  };
  const [lost] = discard ? [] : await runCleanup([harvest]);
  const steps = [
    async () => {
      emit({ type: 'stop', state: 'started' });
      await removeSession(engine, environment, { ...call, stateDirectory });
      emit({ type: 'stop', state: 'finished' });
    },
    () => strategy.dispose(),
    closeEngine,
  ];
  if (isNotHarvested(lost)) throw lost;
  const isGone = RecacError.isInstance(lost);
  // Another process that stops the session brings its work back and then forgets it.
  const wasStopped = isGone && (await loadRecord(stateDirectory, environment)) === undefined;
  const errors = await runCleanup(lost === undefined || isGone ? steps : [closeEngine]);
  const all = lost === undefined || wasStopped ? errors : [lost, ...errors];
  if (all.length > 0) throw joinErrors(all);
}

/** The work is still in the environment, which stays, and the session with it. */
function isNotHarvested(error: unknown): boolean {
  return RecacError.isInstance(error) && error.details.harvested === false;
}
