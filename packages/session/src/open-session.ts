import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  type CallOptions,
  type Config,
  type Environment,
  RecacError,
  throwIfAborted,
  type WorkspaceMount,
} from '@recac/engine-core';
import {
  type ChosenWorkspace,
  defaultStateDirectory,
  listRecords,
  removeRecord,
  saveRecord,
  toRecordAddress,
  toRecordKey,
  toSessionMount,
  type WorkspaceRecord,
} from '@recac/workspace-sync';
import { chooseWorkspace, type Surroundings } from './choose-workspace.ts';
import { type CleanupStep, joinErrors, runCleanup } from './cleanup.ts';
import { loadConfig } from './config/load-config.ts';
import { createSession, type SessionParts } from './create-session.ts';
import { findUnusedSettings, requireImage, toEnvironmentSpec } from './environment-spec.ts';
import { loadEngine } from './load-engine.ts';
import { type OpenSessionOptions, toOpenSessionOptions } from './open-session-options.ts';
import { prepareOwnDirectory } from './own-directory.ts';
import type { Session } from './session.ts';
import { type SessionListener, toSafeListener } from './session-event.ts';
import { startNamedEnvironment } from './start-environment.ts';
import { withoutUndefined } from './without-undefined.ts';

/**
 * Opens a session: loads the engine that the configuration names, prepares the workspace, and starts the environment. When a step fails, everything
 * started before it is stopped again; the first error is thrown and errors of the clean-up are in its `details.cleanup`.
 * Errors: `RECAC_CONFIG_INVALID`, `RECAC_PERMISSION_DENIED` for a state directory that cannot be written, those of {@link loadEngine}, `init`, the workspace strategy and `startEnvironment`, and `RECAC_ABORTED`.
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
    requireImage({ options, config, engine });
    const call: CallOptions = withoutUndefined({ signal: options.signal });
    const stateDirectory = options.stateDirectory ?? defaultStateDirectory();
    const setting = options.stateDirectory === undefined ? 'XDG_STATE_HOME' : 'stateDirectory';
    await prepareOwnDirectory(stateDirectory, { purpose: 'recac remembers its sessions', setting });
    const { localCluster, endpoint } = await engine.init(call);
    const surroundings = { config, options, engine, emit, stateDirectory, ...withoutUndefined({ localCluster }) };
    const chosen = await chooseWorkspace(surroundings);
    cleanup.unshift(() => chosen.strategy.dispose());
    const started = await startOrFallBack({ ...surroundings, endpoint, chosen, cleanup }, call);
    return createSession({ engine, closeEngine, ...started, config, stateDirectory, emit });
  } catch (error) {
    throw joinErrors([error, ...(await runCleanup(cleanup))]);
  }
}

/** The configuration of this process' working directory, environment and home. */
export async function loadDefaultConfig(): Promise<Config> {
  const loaded = await loadConfig({
    workingDirectory: process.cwd(),
    environment: process.env,
    homeDirectory: homedir(),
  });
  return loaded.config;
}

interface StartParts extends Surroundings {
  readonly chosen: ChosenWorkspace;
  readonly cleanup: CleanupStep[];
  readonly endpoint: string;
  readonly mount?: WorkspaceMount;
}

type Started = Pick<SessionParts, 'environment' | 'strategy' | 'isKept'>;

/** Where the environment cannot see this machine's directory, the fallback of the choice is started in its place, and that is said. */
async function startOrFallBack(parts: StartParts, call: CallOptions): Promise<Started> {
  const { chosen, config, options, engine, emit, localCluster } = parts;
  for (const message of findUnusedSettings({ options, config, engine })) emit({ type: 'notice', message });
  const workspace = await prepare(parts, call);
  try {
    return await start(parts, workspace, call);
  } catch (error) {
    const isNotSeen = RecacError.isInstance(error) && error.code === 'RECAC_WORKSPACE_UNAVAILABLE';
    if (!isNotSeen || chosen.fallback === undefined) throw error;
    const next = await chosen.fallback();
    const hint = localCluster === undefined ? '' : ` (${localCluster.directories})`;
    const message = `${chosen.strategy.name} is not possible, so the workspace strategy is ${next.strategy.name}, because ${next.reason}: ${error.message}${hint}`;
    emit({ type: 'warning', message });
    parts.cleanup.unshift(() => next.strategy.dispose());
    const others = { ...parts, chosen: next };
    return await start(others, await prepare(others, call), call);
  }
}

async function prepare({ chosen, emit }: StartParts, call: CallOptions): Promise<WorkspaceMount> {
  const { strategy, reason } = chosen;
  emit({ type: 'prepare', state: 'started', strategy: strategy.name, summary: `${strategy.name}, because ${reason}` });
  const workspace = await strategy.prepare(call);
  const summary = workspace.type === 'bind' ? workspace.hostPath : workspace.type;
  emit({ type: 'prepare', state: 'finished', strategy: strategy.name, summary });
  return workspace;
}

async function start(parts: StartParts, workspace: WorkspaceMount, call: CallOptions): Promise<Started> {
  const { config, options, engine, emit } = parts;
  const startedAt = performance.now();
  if (options.name !== undefined) await sayWhatIsKept(options.name, parts, call);
  const environment = await startNamedEnvironment(
    engine,
    {
      name: options.name,
      toSpec: (name) =>
        toEnvironmentSpec({ options, config, engine, name, workspace, strategy: parts.chosen.strategy.name }),
      emit,
    },
    { ...call, onEvent: (progress) => emit({ type: 'start', progress }), onWarning: warnOnce(emit) },
  );
  await pushOrStop({ ...parts, ...toLastingMount(workspace, environment) }, environment, call);
  emit({ type: 'started', environment, elapsedMs: performance.now() - startedAt });
  const { strategy } = parts.chosen;
  return { environment, strategy, isKept: outlivesEnvironment(workspace) };
}

function outlivesEnvironment(workspace: WorkspaceMount): boolean {
  return workspace.type !== 'scratch' || workspace.outlives === true;
}

/** What the work is in when the environment is gone: a claim, without what filled it first. */
function toLastingMount(workspace: WorkspaceMount, { sessionId }: Environment): Pick<StartParts, 'mount'> {
  const mount = toSessionMount(workspace, sessionId);
  if (mount.type !== 'persistentVolumeClaim') return {};
  const { seed: _, ...lasting } = mount;
  return { mount: lasting };
}

/** A new session of a name covers nothing of an earlier one, whose work is easily forgotten. */
async function sayWhatIsKept(name: string, { engine, emit }: StartParts, call: CallOptions): Promise<void> {
  if (!engine.capabilities.keptWorkspaces) return;
  const kept = await engine.listKeptWorkspaces(call);
  if (kept.some(({ sessionId }) => sessionId === name))
    emit({ type: 'notice', message: `an earlier session ${name} left work: recac rescue ${name} brings it back` });
}

/** A start that is tried again under another name says everything twice. */
function warnOnce(emit: SessionListener): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (!said.has(message)) emit({ type: 'warning', message });
    said.add(message);
  };
}

async function pushOrStop(parts: StartParts, environment: Environment, call: CallOptions): Promise<void> {
  const { chosen, config, options, engine, emit, stateDirectory } = parts;
  const { strategy } = chosen;
  try {
    const { sessionId, backend } = environment;
    const path = resolve(options.workspace ?? config.workspace.path ?? '.');
    const key = toRecordKey(environment);
    emit({ type: 'push', state: 'started' });
    const report = await strategy.push(environment, call);
    emit({ type: 'push', state: 'finished', report });
    const { include = [], exclude = [], history, remote } = config.workspace;
    const { image = config.session.image, user = config.session.user } = options;
    await saveRecord(
      stateDirectory,
      withoutUndefined({
        sessionId,
        backend,
        environmentId: environment.id,
        environmentCreatedAt: environment.createdAt.toISOString(),
        endpoint: parts.endpoint,
        key,
        strategy: strategy.name,
        path,
        createdAt: new Date().toISOString(),
        include,
        exclude,
        history,
        isCloned: remote === undefined || strategy.name !== 'git' ? undefined : true,
        mount: parts.mount,
        keptId: environment.keptWorkspaceId,
        image,
        user,
      }),
    );
    if (parts.mount !== undefined) await forgetEarlier(parts, { sessionId, backend, key });
  } catch (error) {
    const cleanup = [() => engine.stopEnvironment(environment.id), () => removeRecord(stateDirectory, environment)];
    throw joinErrors([error, ...(await runCleanup(cleanup))]);
  }
}

/** A claim has one directory for a name: what an earlier session left there is this one's from now on. */
async function forgetEarlier(
  { stateDirectory, endpoint, mount }: StartParts,
  { key, ...name }: Pick<WorkspaceRecord, 'backend' | 'key' | 'sessionId'>,
): Promise<void> {
  for (const record of await listRecords(stateDirectory, name))
    if (record.key !== key && record.endpoint === endpoint && isDeepStrictEqual(record.mount, mount))
      await removeRecord(stateDirectory, toRecordAddress(record));
}
