import { stat } from 'node:fs/promises';
import { homedir, release, userInfo } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import {
  type EngineCapabilities,
  type EngineInfo,
  type EnvironmentEvent,
  type EnvironmentSpec,
  type EnvironmentStatus,
  invalidArgument,
  type KeptWorkspace,
  RecacError,
  throwIfAborted,
  toEnvironmentName,
} from '@recac/engine-core';
import {
  type CreateContext,
  type DriverContext,
  type DriverEnvironment,
  type DriverFilter,
  delay,
  type EngineDriver,
  environmentNotFound,
  PhaseClock,
  type ProcessSpec,
  type RawProcess,
} from '@recac/engine-kit';
import { checkWorkspace } from './check-workspace.ts';
import { EnvironmentStore } from './environment-store.ts';
import { keeperScript } from './keeper-script.ts';
import { KeptStore } from './kept-store.ts';
import { type LocalPlatform, toCapabilities } from './local-platform.ts';
import { type LocalProcess, startProcess, startUnattended } from './local-process.ts';
import { findLocalUser, type LocalUser } from './local-user.ts';
import { environmentVariable, kill, ProcessTable } from './process-table.ts';
import { toText, toTextValues } from './process-text.ts';
import type { StoredEnvironment } from './stored-environment.ts';
import { watchStore } from './watch-store.ts';
import { withCleanup } from './with-cleanup.ts';

/** What a local driver is made of. */
export interface LocalDriverOptions {
  /** Where environments keep their directories. */
  readonly stateDirectory: string;
  /** What the machine offers. */
  readonly platform: LocalPlatform;
  /** The POSIX shell of the command lanes. */
  readonly shell: readonly string[];
}

/** Kills of what is still there, about two seconds of them. */
const killAttempts = 50;

/** Directory for environments when none is configured: machine-wide for root, so that other users can pass, else the user's state directory. */
export function defaultStateDirectory(): string {
  if (process.getuid?.() === 0) return '/var/lib/recac/local';
  return join(process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'recac', 'local');
}

/** Environments as private directories, commands as child processes. It isolates nothing. */
export class LocalDriver implements EngineDriver {
  readonly backend = 'local';
  readonly capabilities: EngineCapabilities;
  readonly #store: EnvironmentStore;
  readonly #kept: KeptStore;
  readonly #options: LocalDriverOptions;
  readonly #processes = new ProcessTable();

  constructor(options: LocalDriverOptions) {
    this.#options = options;
    this.#store = new EnvironmentStore(options.stateDirectory);
    this.#kept = new KeptStore(this.#store);
    this.capabilities = toCapabilities(options.platform);
  }

  async connect(_context: DriverContext): Promise<EngineInfo> {
    await this.#store.prepare();
    return { backend: this.backend, version: release(), endpoint: this.#store.root };
  }

  async create(spec: EnvironmentSpec, context: CreateContext): Promise<DriverEnvironment> {
    const clock = new PhaseClock(context.onEvent);
    clock.begin('start');
    const name = toEnvironmentName(spec.sessionId);
    await checkWorkspace(spec.workspace);
    if (spec.user !== undefined) await findLocalUser(spec.user);
    const kept = await this.#kept.claim(spec);
    const stored: StoredEnvironment = {
      name,
      sessionId: spec.sessionId,
      createdAt: new Date().toISOString(),
      workspacePath: this.#workspacePath(spec, name, kept),
      labels: spec.labels ?? {},
      environmentVariables: spec.environmentVariables ?? {},
      ...(spec.user === undefined ? {} : { user: spec.user }),
      ...(spec.leaseMs === undefined ? {} : { leaseMs: spec.leaseMs }),
      ...(kept === undefined ? {} : { kept, wasKept: spec.workspace?.type === 'kept' }),
    };
    try {
      throwIfAborted(context.signal, 'the start of the environment');
      await this.#store.create(stored);
    } catch (error) {
      throw await withCleanup(error, async () => {
        if (kept !== undefined && stored.wasKept !== true) await this.#kept.remove(kept);
      });
    }
    try {
      if (spec.leaseMs !== undefined) await this.#startKeeper(stored, spec.leaseMs);
    } catch (error) {
      throw await withCleanup(error, () => this.remove(name));
    }
    clock.finish();
    return this.#toEnvironment(stored);
  }

  async remove(id: string): Promise<void> {
    await this.#killAll(id);
    const { kept, wasKept = false } = (await this.#store.read(id)) ?? {};
    await this.#store.remove(id);
    try {
      await this.#killAll(id);
    } finally {
      // Nothing else names it any more.
      if (kept !== undefined && !wasKept) await this.#kept.remove(kept);
    }
  }

  findKeptWorkspaces(): Promise<readonly KeptWorkspace[]> {
    return this.#kept.list();
  }

  removeKeptWorkspace(id: string): Promise<void> {
    return this.#kept.remove(id);
  }

  async find(filter: DriverFilter): Promise<readonly DriverEnvironment[]> {
    const name = filter.id ?? (filter.sessionId === undefined ? undefined : toEnvironmentName(filter.sessionId));
    const found = name === undefined ? await this.#store.list() : [await this.#store.read(name)];
    return found.filter((stored) => stored !== undefined).map((stored) => this.#toEnvironment(stored));
  }

  watch(filter: DriverFilter, context: DriverContext): AsyncIterable<EnvironmentEvent> {
    return watchStore(
      this.#store.root,
      async () => (await this.find(filter)).map(({ status }) => status),
      context.signal,
    );
  }

  async openProcess(id: string, spec: ProcessSpec): Promise<RawProcess> {
    const stored = await this.#store.read(id);
    if (!stored) throw environmentNotFound(id);
    const name = spec.user ?? stored.user;
    const user = name === undefined ? undefined : await findLocalUser(name);
    if (user) {
      await this.#store.open(id);
      if (stored.kept !== undefined) await this.#kept.open(stored.kept);
    }
    const started = await startProcess({
      argv: spec.argv.map(toText),
      environment: {
        ...this.#baseVariables(stored, user),
        ...stored.environmentVariables,
        ...toTextValues(spec.environmentVariables ?? {}),
        [environmentVariable]: this.#store.directory(id),
      },
      workingDirectory: await checkDirectory(
        spec.workingDirectory ?? (user ? '/' : stored.workspacePath),
        spec.workingDirectory !== undefined,
      ),
      ...(user ? { user: { uid: user.uid, gid: user.gid } } : {}),
    });
    if (!this.#options.platform.processTable) await this.#noteGroup(id, started);
    return started;
  }

  /** Without /proc, a stop finds processes only by what was written down. An id may be reused after a crash: it is forgotten as soon as its group leader ends and nothing of the group is left. */
  async #noteGroup(id: string, { pid, exited }: LocalProcess): Promise<void> {
    if (pid === undefined) return;
    await this.#store.addProcess(id, pid);
    void exited.then(() => {
      if (!kill(-pid, 0)) void this.#store.removeProcess(id, pid);
    });
  }

  async diagnose(id: string): Promise<string | undefined> {
    return (await this.#store.read(id)) ? undefined : 'the environment was stopped';
  }

  async close(): Promise<void> {}

  #workspacePath({ workspace }: EnvironmentSpec, name: string, kept: string | undefined): string {
    if (kept !== undefined) return this.#kept.workspacePath(kept);
    return workspace?.type === 'bind' ? workspace.hostPath : join(this.#store.directory(name), 'workspace');
  }

  #toEnvironment(stored: StoredEnvironment): DriverEnvironment {
    const status: EnvironmentStatus = {
      id: stored.name,
      sessionId: stored.sessionId,
      name: stored.name,
      backend: this.backend,
      workspacePath: stored.workspacePath,
      createdAt: new Date(stored.createdAt),
      phase: 'Running',
      labels: stored.labels,
      ...(stored.kept === undefined ? {} : { keptWorkspaceId: stored.kept }),
      ...(stored.leaseMs === undefined ? {} : { leaseMs: stored.leaseMs }),
    };
    return { status, runDirectory: this.#store.runDirectory(stored.name), shell: this.#options.shell };
  }

  #baseVariables(stored: StoredEnvironment, user: LocalUser | undefined): Record<string, string> {
    const directory = this.#store.directory(stored.name);
    const { username } = userInfo();
    return {
      PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
      TMPDIR: join(directory, 'tmp'),
      ...(process.env.LANG ? { LANG: process.env.LANG } : {}),
      ...(user?.environmentVariables ?? { HOME: join(directory, 'home'), USER: username, LOGNAME: username }),
    };
  }

  async #startKeeper(stored: StoredEnvironment, leaseMs: number): Promise<void> {
    const directory = this.#store.directory(stored.name);
    const seconds = String(Math.ceil(leaseMs / 1000));
    const parameters = [
      this.#store.runDirectory(stored.name),
      seconds,
      directory,
      `${environmentVariable}=${directory}`,
    ];
    await startUnattended({
      argv: [...this.#options.shell, '-c', keeperScript, 'recac-keeper', ...parameters],
      environment: { PATH: process.env.PATH ?? '/usr/bin:/bin', [environmentVariable]: directory },
      workingDirectory: '/',
    });
  }

  async #killAll(id: string): Promise<void> {
    if (!this.#options.platform.processTable) {
      for (const pid of await this.#store.listProcesses(id)) kill(-pid, 'SIGKILL');
      return;
    }
    let pids: readonly number[] = [];
    for (let attempt = 0; attempt <= killAttempts; attempt += 1) {
      pids = await this.#processes.find(this.#store.directory(id), this.#store.runDirectory(id));
      if (pids.length === 0) return;
      if (attempt < killAttempts) for (const pid of pids) kill(pid, 'SIGKILL');
      await delay(attempt < 5 ? 5 : 50);
    }
    const message = `processes of ${id} could not be killed: ${pids.join(', ')}. Look at what they wait for, and stop it again.`;
    throw new RecacError('RECAC_PERMISSION_DENIED', message, { details: { survivors: pids } });
  }
}

async function checkDirectory(path: string, asked: boolean): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return path;
  if (asked)
    throw invalidArgument(
      'workingDirectory',
      found ? 'is not a directory' : 'does not exist in the environment',
      'Create it first, or leave it out to use the workspace.',
    );
  throw new RecacError(
    'RECAC_WORKSPACE_UNAVAILABLE',
    `the workspace ${path} is gone. Restore it, or stop the environment.`,
    { details: { path } },
  );
}
