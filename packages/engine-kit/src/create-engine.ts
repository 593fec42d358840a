import {
  type AttachOptions,
  type BuildOptions,
  type CallOptions,
  type CapabilityName,
  type Command,
  type ContainerEngine,
  type EngineCapabilities,
  type EngineInfo,
  type EnsureImageOptions,
  type Environment,
  type EnvironmentEvent,
  type EnvironmentFilter,
  type EnvironmentSpec,
  type EnvironmentStatus,
  type ExecHandle,
  type ExecInfo,
  type ExecOptions,
  type ExecResult,
  type ImageInfo,
  type ImageSummary,
  invalidArgument,
  type KeptWorkspace,
  type PortConnection,
  RecacError,
  type SpawnOptions,
  type StartOptions,
  throwIfAborted,
  unsupportedCapability,
} from '@recac/engine-core';
import { checkSpec } from './check-spec.ts';
import type { DriverEnvironment, DriverFilter, EngineDriver } from './engine-driver.ts';
import { type EngineOptions, withDefaults } from './engine-options.ts';
import { environmentNotFound } from './environment-not-found.ts';
import { attachDurable } from './exec/attach-durable.ts';
import { checkCommand } from './exec/check-command.ts';
import { listExecs } from './exec/exec-list.ts';
import { runToEnd } from './exec/run-to-end.ts';
import { startDurable } from './exec/start-durable.ts';
import { startRaw } from './exec/start-raw.ts';
import { checkStdin } from './exec/stdin-bytes.ts';
import { LiveEnvironment } from './live-environment.ts';
import { LiveEnvironments } from './live-environments.ts';
import { orAborted } from './or-aborted.ts';
import { startEnvironment } from './start-environment.ts';
import { untilAborted } from './until-aborted.ts';

/** Makes a `ContainerEngine` of a driver: command lanes, durable exec, cancellation, limits and leases. Does no I/O. Errors: `RECAC_INVALID_ARGUMENT` naming a bad option. */
export function createEngine(driver: EngineDriver, options: EngineOptions = {}): ContainerEngine {
  return new KitEngine(driver, withDefaults(options));
}

const keptNextStep = 'Use a PersistentVolumeClaim, or checkpoints.';

class KitEngine implements ContainerEngine {
  readonly #driver: EngineDriver;
  readonly #options: Required<EngineOptions>;
  readonly #live = new LiveEnvironments((id) => this.#look(id));
  /** Calls under way that make something, and remove it again when a close ends them. */
  readonly #making = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  #connected: Promise<EngineInfo> | undefined;
  #closed: Promise<void> | undefined;

  constructor(driver: EngineDriver, options: Required<EngineOptions>) {
    this.#driver = driver;
    this.#options = options;
  }

  get backend(): string {
    return this.#driver.backend;
  }

  get capabilities(): EngineCapabilities {
    return this.#driver.capabilities;
  }

  async init(options: CallOptions = {}): Promise<EngineInfo> {
    throwIfAborted(options.signal, 'init');
    this.#throwIfClosed();
    this.#connected ??= this.#driver.connect({ signal: this.#closing.signal }).catch((error: unknown) => {
      this.#connected = undefined;
      throw error;
    });
    return orAborted(this.#connected, options.signal, 'init');
  }

  async ensureImage(reference: string, options: EnsureImageOptions = {}): Promise<ImageInfo> {
    if (!this.#driver.ensureImage) throw this.#unsupported('images', 'Use an engine that runs images.');
    await this.init(options);
    return this.#made(this.#driver.ensureImage(reference, { ...options, signal: this.#signal(options.signal) }));
  }

  async listImages(options: CallOptions = {}): Promise<readonly ImageSummary[]> {
    if (!this.#driver.listImages) throw this.#unsupported('listImages', 'Use an engine that keeps images itself.');
    await this.init(options);
    const listing = this.#driver.listImages({ signal: this.#signal(options.signal) });
    return orAborted(listing, options.signal, 'listing the images');
  }

  async openPort(id: string, port: number, options: CallOptions = {}): Promise<PortConnection> {
    if (!this.#driver.openPort) throw this.#unsupported('openPort', 'Use an engine that can connect to ports.');
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw invalidArgument('port', 'must be a whole number from 1 to 65535', 'Name the port of the server inside.');
    await this.init(options);
    const connection = await this.#driver.openPort(id, port, { signal: this.#signal(options.signal) });
    this.#find(id, undefined).then(
      (live) => live.keepLease(),
      () => {},
    );
    return connection;
  }

  async buildImage(options: BuildOptions): Promise<string> {
    if (!this.#driver.buildImage) throw this.#unsupported('buildImage', 'Build the image elsewhere and name it.');
    await this.init(options);
    return this.#made(this.#driver.buildImage({ ...options, signal: this.#signal(options.signal) }));
  }

  async renderEnvironment(
    spec: EnvironmentSpec,
    options: Omit<StartOptions, 'onEvent'> = {},
  ): Promise<readonly unknown[]> {
    if (!this.#driver.render)
      throw this.#unsupported(
        'renderEnvironment',
        'Use an engine whose environments are objects of an API, such as kubernetes.',
      );
    checkSpec(this.backend, this.capabilities, spec);
    throwIfAborted(options.signal, 'rendering');
    this.#throwIfClosed();
    const { onWarning = () => {} } = options;
    return this.#driver.render(spec, { onWarning, signal: this.#signal(options.signal) });
  }

  async startEnvironment(spec: EnvironmentSpec, options: StartOptions = {}): Promise<Environment> {
    checkSpec(this.backend, this.capabilities, spec);
    await this.init(options);
    const signal = this.#signal(options.signal);
    const live = await this.#made(this.#start(spec, { ...options, signal }));
    const { id, sessionId, name, backend, workspacePath, createdAt, keptWorkspaceId } = live.environment.status;
    const kept = keptWorkspaceId === undefined ? {} : { keptWorkspaceId };
    return { id, sessionId, name, backend, workspacePath, createdAt, ...kept };
  }

  async stopEnvironment(id: string, options: CallOptions = {}): Promise<void> {
    await this.init(options);
    const signal = this.#signal(options.signal);
    const waiting = this.#live.known(id).then((live) => live?.waitForAttached());
    await orAborted(waiting, signal, 'the stop');
    const removing = this.#driver.remove(id, { signal }).then(() => this.#live.forget(id));
    await orAborted(removing, options.signal, 'the stop');
  }

  async exec(id: string, command: Command, options: ExecOptions = {}): Promise<ExecResult> {
    const { stdin, ...rest } = options;
    checkCommand(this.backend, this.capabilities, command, rest);
    checkStdin(stdin);
    const handle = await this.spawn(id, command, { ...rest, stdin: stdin === undefined ? 'empty' : 'pipe' });
    return runToEnd(handle, options);
  }

  async execAsUser(id: string, user: string, command: Command, options: ExecOptions = {}): Promise<ExecResult> {
    return this.exec(id, command, { ...options, user });
  }

  async spawn(id: string, command: Command, options: SpawnOptions = {}): Promise<ExecHandle> {
    checkCommand(this.backend, this.capabilities, command, options);
    throwIfAborted(options.signal, 'the command');
    const live = await this.#find(id, options.signal);
    return this.#live.use(live, async () => {
      if (options.terminal || !this.capabilities.durableExec) {
        live.keepLease();
        return startRaw(this.#driver, live, command, options, this.#closing.signal);
      }
      return startDurable(live, command, options, { backend: this.backend, reconnectMs: this.#options.reconnectMs });
    });
  }

  async attachExec(id: string, execId: string, options: AttachOptions = {}): Promise<ExecHandle> {
    this.#requireDurable();
    throwIfAborted(options.signal, 'attaching');
    const live = await this.#find(id, options.signal);
    live.keepLease();
    const attaching = this.#live.use(live, () =>
      attachDurable(live, execId, options, { backend: this.backend, reconnectMs: this.#options.reconnectMs }),
    );
    return orAborted(attaching, options.signal, 'attaching');
  }

  async listExecs(id: string, options: CallOptions = {}): Promise<readonly ExecInfo[]> {
    this.#requireDurable();
    const live = await this.#find(id, options.signal);
    const listing = this.#live.use(live, () => listExecs(live, options.signal));
    return orAborted(listing, options.signal, 'listing the commands');
  }

  async listEnvironments(filter: EnvironmentFilter = {}): Promise<readonly EnvironmentStatus[]> {
    await this.init(filter);
    const { sessionId } = filter;
    const found = await this.#ask(sessionId === undefined ? {} : { sessionId }, filter.signal);
    return found.map(({ status }) => status).sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime());
  }

  async inspectEnvironment(id: string, options: CallOptions = {}): Promise<EnvironmentStatus> {
    await this.init(options);
    const [found] = await this.#ask({ id }, options.signal);
    if (!found) throw environmentNotFound(id);
    return found.status;
  }

  async listKeptWorkspaces(options: CallOptions = {}): Promise<readonly KeptWorkspace[]> {
    if (!this.#driver.findKeptWorkspaces) throw this.#unsupported('keptWorkspaces', keptNextStep);
    await this.init(options);
    const finding = this.#driver.findKeptWorkspaces({ signal: this.#signal(options.signal) });
    const found = await orAborted(finding, options.signal, 'listing the workspaces');
    return found.toSorted((one, other) => one.createdAt.getTime() - other.createdAt.getTime());
  }

  async removeKeptWorkspace(id: string, options: CallOptions = {}): Promise<void> {
    if (!this.#driver.removeKeptWorkspace) throw this.#unsupported('keptWorkspaces', keptNextStep);
    await this.init(options);
    const removing = this.#driver.removeKeptWorkspace(id, { signal: this.#signal(options.signal) });
    await orAborted(removing, options.signal, 'removing the workspace');
  }

  async *watchEnvironments(filter: EnvironmentFilter = {}): AsyncGenerator<EnvironmentEvent, void, undefined> {
    await this.init(filter);
    const { sessionId } = filter;
    const consumer = new AbortController();
    const signal = AbortSignal.any([this.#signal(filter.signal), consumer.signal]);
    try {
      yield* untilAborted(this.#driver.watch(sessionId === undefined ? {} : { sessionId }, { signal }), signal);
    } finally {
      consumer.abort();
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#making);
    await this.#live.close();
    await this.#driver.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #find(id: string, signal: AbortSignal | undefined): Promise<LiveEnvironment> {
    await this.init(signal ? { signal } : {});
    return this.#live.find(id, signal);
  }

  async #start(spec: EnvironmentSpec, options: StartOptions): Promise<LiveEnvironment> {
    const live = await startEnvironment(this.#driver, spec, options, this.#options);
    await this.#live.add(live);
    live.keepLease({ lastRenewal: 'started' });
    return live;
  }

  #ask(filter: DriverFilter, signal: AbortSignal | undefined): Promise<readonly DriverEnvironment[]> {
    return orAborted(this.#driver.find(filter, { signal: this.#signal(signal) }), signal, 'the look-up');
  }

  async #look(id: string): Promise<LiveEnvironment> {
    const [environment] = await this.#driver.find({ id }, { signal: this.#closing.signal });
    if (!environment) throw environmentNotFound(id);
    return new LiveEnvironment(this.#driver, environment, this.#options);
  }

  async #made<T>(making: Promise<T>): Promise<T> {
    this.#making.add(making);
    return making.finally(() => this.#making.delete(making));
  }

  #throwIfClosed(): void {
    if (this.#closing.signal.aborted)
      throw new RecacError('RECAC_ENGINE_UNAVAILABLE', 'the engine has been closed. Make a new one.');
  }

  #requireDurable(): void {
    if (!this.capabilities.durableExec)
      throw this.#unsupported('durableExec', 'Keep the handle of the command instead.');
  }

  #unsupported(capability: CapabilityName, nextStep: string): RecacError {
    return unsupportedCapability(this.backend, capability, nextStep);
  }

  #signal(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal;
  }
}
