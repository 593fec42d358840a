import { homedir } from 'node:os';
import {
  type CallOptions,
  type Config,
  type ContainerEngine,
  type Environment,
  throwIfAborted,
  type WorkspaceStrategy,
} from '@recac/engine-core';
import { type CleanupStep, joinErrors, runCleanup } from './cleanup.ts';
import { loadConfig } from './config/load-config.ts';
import { createSession } from './create-session.ts';
import { findUnusedSettings, toEnvironmentSpec } from './environment-spec.ts';
import { loadEngine } from './load-engine.ts';
import { type OpenSessionOptions, toOpenSessionOptions } from './open-session-options.ts';
import type { Session } from './session.ts';
import { type SessionListener, toSafeListener } from './session-event.ts';
import { startNamedEnvironment } from './start-environment.ts';
import { withoutUndefined } from './without-undefined.ts';
import { selectWorkspaceStrategy } from './workspace-strategy.ts';

/**
 * Opens a session: loads the engine that the configuration names, prepares the workspace, and starts the environment. When a step fails, everything
 * started before it is stopped again; the first error is thrown and errors of the clean-up are in its `details.cleanup`.
 * Errors: `RECAC_CONFIG_INVALID`, those of {@link loadEngine}, `init`, the workspace strategy and `startEnvironment`, and `RECAC_ABORTED`.
 */
export async function openSession(input: OpenSessionOptions | Config = {}): Promise<Session> {
  const options = toOpenSessionOptions(input);
  throwIfAborted(options.signal, 'opening the session');
  const config = options.config ?? (await loadDefaultConfig());
  const engine = options.engine ?? (await loadEngine(config, options));
  const closeEngine = async (): Promise<void> => (options.engine === undefined ? engine.close() : undefined);
  const cleanup: CleanupStep[] = [closeEngine];
  const emit = toSafeListener(options.onEvent);
  try {
    const call: CallOptions = withoutUndefined({ signal: options.signal });
    await engine.init(call);
    const strategy = selectStrategy(config, options, engine);
    cleanup.unshift(() => strategy.dispose());
    const environment = await start({ config, options, engine, strategy, emit }, call);
    return createSession({ engine, closeEngine, environment, strategy, config, emit });
  } catch (error) {
    throw joinErrors([error, ...(await runCleanup(cleanup))]);
  }
}

async function loadDefaultConfig(): Promise<Config> {
  const loaded = await loadConfig({
    workingDirectory: process.cwd(),
    environment: process.env,
    homeDirectory: homedir(),
  });
  return loaded.config;
}

function selectStrategy(config: Config, options: OpenSessionOptions, engine: ContainerEngine): WorkspaceStrategy {
  const strategy = options.strategy ?? config.workspace.strategy;
  const path = options.workspace ?? config.workspace.path ?? '.';
  const { pvcName } = config.kubernetes;
  return selectWorkspaceStrategy({ strategy, path, ...(pvcName === undefined ? {} : { claimName: pvcName }) }, engine);
}

interface StartParts {
  readonly config: Config;
  readonly options: OpenSessionOptions;
  readonly engine: ContainerEngine;
  readonly strategy: WorkspaceStrategy;
  readonly emit: SessionListener;
}

async function start({ config, options, engine, strategy, emit }: StartParts, call: CallOptions): Promise<Environment> {
  const startedAt = performance.now();
  for (const message of findUnusedSettings({ options, config, engine })) emit({ type: 'notice', message });
  emit({ type: 'prepare', state: 'started', strategy: strategy.name, summary: `workspace strategy ${strategy.name}` });
  const workspace = await strategy.prepare(call);
  const summary = workspace.type === 'bind' ? workspace.hostPath : workspace.type;
  emit({ type: 'prepare', state: 'finished', strategy: strategy.name, summary });
  const environment = await startNamedEnvironment(
    engine,
    { name: options.name, toSpec: (name) => toEnvironmentSpec({ options, config, engine, name, workspace }), emit },
    { ...call, onEvent: (progress) => emit({ type: 'start', progress }), onWarning: warnOnce(emit) },
  );
  await pushOrStop({ engine, strategy, environment }, call);
  emit({ type: 'started', environment, elapsedMs: performance.now() - startedAt });
  return environment;
}

/** A start that is tried again under another name says everything twice. */
function warnOnce(emit: SessionListener): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (!said.has(message)) emit({ type: 'warning', message });
    said.add(message);
  };
}

async function pushOrStop(
  {
    engine,
    strategy,
    environment,
  }: { readonly engine: ContainerEngine; readonly strategy: WorkspaceStrategy; readonly environment: Environment },
  call: CallOptions,
): Promise<void> {
  try {
    await strategy.push(environment, call);
  } catch (error) {
    throw joinErrors([error, ...(await runCleanup([() => engine.stopEnvironment(environment.id)]))]);
  }
}
