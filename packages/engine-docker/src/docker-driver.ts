import { availableParallelism } from 'node:os';
import {
  type BuildOptions,
  type EngineInfo,
  type EnsureImageOptions,
  type EnvironmentEvent,
  type EnvironmentSpec,
  type EnvironmentStatus,
  type ImageInfo,
  type ImageSummary,
  type KeptWorkspace,
  type PortConnection,
  RecacError,
} from '@recac/engine-core';
import {
  type CreateContext,
  type DriverContext,
  type DriverEnvironment,
  type DriverFilter,
  type EngineDriver,
  environmentNotFound,
  Limiter,
  orAborted,
  PhaseClock,
  type ProcessSpec,
  type RawProcess,
} from '@recac/engine-kit';
import { buildImage } from './build/build-image.ts';
import { checkWorkspace } from './container/check-workspace.ts';
import { toLabelFilter } from './container/container-labels.ts';
import type { Hardening } from './container/container-plan.ts';
import { ContainerProcesses } from './container/container-processes.ts';
import { listContainers, readContainer } from './container/container-store.ts';
import { chooseUser } from './container/default-user.ts';
import { explainDiscardedLimits } from './container/discarded-limits.ts';
import { explainEnd } from './container/explain-end.ts';
import { runDirectory } from './container/keep-alive-script.ts';
import { checkKeptVolume, listKeptVolumes, removeKeptVolume } from './container/kept-volume.ts';
import { openContainerPort, type PortContext } from './container/open-port.ts';
import { Removals, type RemovedContainer } from './container/removals.ts';
import { type StartedContainer, type StartFacts, startContainer } from './container/start-container.ts';
import { watchContainers } from './container/watch-containers.ts';
import { Background } from './daemon/background.ts';
import { type ConnectedDaemon, type ConnectOptions, connectDaemon } from './daemon/connect-daemon.ts';
import type { DaemonClient } from './daemon/daemon-client.ts';
import { type DaemonFacts, readDaemonFacts } from './daemon/daemon-facts.ts';
import { type LateRemoval, removeLateArrival } from './daemon/late-arrival.ts';
import { dockerCapabilities } from './docker-capabilities.ts';
import { toDaemonReference } from './image/daemon-reference.ts';
import { ensureImage } from './image/ensure-image.ts';
import { ImagePins } from './image/image-pins.ts';
import { listImages } from './image/list-images.ts';
import { startWithImage } from './image/start-with-image.ts';
import { checkNetworkOptions } from './network/check-network-options.ts';
import { type NetworkOptions, startNetwork } from './network/environment-network.ts';
import { toNetworkPlan } from './network/network-plan.ts';
import { OrphanSweeper } from './network/orphan-sweeper.ts';

/** What a Docker driver is made of. */
export interface DockerDriverOptions extends ConnectOptions {
  /** How much is taken from containers. */
  readonly hardening: Hardening;
  /** How the networks of environments are made. */
  readonly network?: NetworkOptions;
}

/** Starts that are made at one time. */
const startPlaces = Math.max(2, 2 * availableParallelism());
/** What a close waits, in milliseconds, for what nobody else does. */
const settleMs = 2_000;

type Leftover = Omit<RemovedContainer, 'id'>;

/** Environments as containers of one Docker daemon. What is known of them comes from the daemon, by labels. */
export class DockerDriver implements EngineDriver {
  readonly backend = 'docker';
  readonly capabilities = dockerCapabilities;
  readonly #options: DockerDriverOptions;
  readonly #pins = new ImagePins();
  readonly #starts = new Limiter(startPlaces);
  readonly #background = new Background();
  readonly #sweeper = new OrphanSweeper();
  readonly #removals = new Removals(() => this.#client);
  readonly #processes = new ContainerProcesses(() => this.#client);
  /** What else to remove of what was started here, or is being removed: what the daemon need not be asked before a removal. */
  readonly #started = new Map<string, Leftover>();
  #connected: ConnectedDaemon | undefined;
  #facts: Promise<DaemonFacts> | undefined;

  constructor(options: DockerDriverOptions) {
    this.#options = options;
  }

  async connect({ signal }: DriverContext): Promise<EngineInfo> {
    checkNetworkOptions(this.#options.network);
    this.#connected = await connectDaemon(this.#options, signal);
    void this.#readFacts();
    return { backend: this.backend, version: this.#connected.version, endpoint: this.#connected.address.host };
  }

  ensureImage(reference: string, options: EnsureImageOptions): Promise<ImageInfo> {
    return ensureImage(this.#client, reference, options, this.#pins);
  }

  listImages({ signal }: DriverContext): Promise<readonly ImageSummary[]> {
    return listImages(this.#client, signal);
  }

  buildImage(options: BuildOptions): Promise<string> {
    return buildImage(this.#client, options, options.signal, this.#pins);
  }

  async create(spec: EnvironmentSpec, context: CreateContext): Promise<DriverEnvironment> {
    const clock = new PhaseClock(context.onEvent);
    clock.begin('admit');
    const { endpoint, podman } = this.#client;
    await checkWorkspace(spec.workspace, { host: endpoint, podman });
    await checkKeptVolume(this.#client, spec, context.signal);
    toDaemonReference(spec.image ?? '');
    const facts = await this.#askFacts(context.signal);
    const { user, warning } = await chooseUser(spec, facts.rootless);
    for (const one of [warning, explainDiscardedLimits(spec, facts)]) if (one !== undefined) context.onWarning(one);
    if (this.#options.hardening === 'docker-default')
      context.onWarning(
        'hardening is docker-default: capabilities, new privileges and a writable root are left as docker run has them',
      );
    try {
      const argv = context.toFirstProcess({ runDirectory });
      const { container, environment } = await this.#start(spec, { user, firstProcess: argv }, clock, context);
      this.#processes.keepFirst(container.id, argv, container.main);
      return await this.#orRemove(container.id, environment);
    } finally {
      clock.finish();
    }
  }

  async remove(id: string, { signal }: DriverContext): Promise<void> {
    const found = this.#started.get(id) ?? (await readContainer(this.#client, id, signal));
    if (found === undefined) return;
    this.#processes.forget(id);
    // Until all is gone: the daemon does not tell what a container had that it has removed.
    this.#started.set(id, found);
    await this.#removals.remove({ ...found, id }, signal);
    this.#started.delete(id);
  }

  async find(filter: DriverFilter, { signal }: DriverContext): Promise<readonly DriverEnvironment[]> {
    if (filter.id !== undefined) {
      const found = await readContainer(this.#client, filter.id, signal);
      return found ? [this.#toEnvironment(found.status)] : [];
    }
    if (filter.sessionId === undefined) this.#background.add(this.#sweeper.sweep(this.#client));
    const onStale = (removing: Promise<void>): void => this.#background.add(removing);
    const found = await listContainers(this.#client, filter.sessionId, { signal, onStale });
    this.#removals.retry();
    return found.map((status) => this.#toEnvironment(status));
  }

  findKeptWorkspaces({ signal }: DriverContext): Promise<readonly KeptWorkspace[]> {
    return listKeptVolumes(this.#client, signal);
  }

  removeKeptWorkspace(id: string, { signal }: DriverContext): Promise<void> {
    return removeKeptVolume(this.#client, id, signal);
  }

  watch(filter: DriverFilter, { signal }: DriverContext): AsyncIterable<EnvironmentEvent> {
    return watchContainers(
      this.#client,
      toLabelFilter(filter.sessionId),
      async () => (await this.find(filter, { signal })).map(({ status }) => status),
      signal,
    );
  }

  openProcess(id: string, spec: ProcessSpec, { signal }: DriverContext): Promise<RawProcess> {
    return this.#processes.open(id, spec, signal);
  }

  async openPort(id: string, port: number, { signal }: DriverContext): Promise<PortConnection> {
    const found = this.#started.get(id) ?? (await readContainer(this.#client, id, signal));
    if (!found) throw environmentNotFound(id);
    const onLeft = (ending: Promise<void>): void => this.#background.add(ending);
    const open: PortContext['open'] = (spec, given) => this.#processes.exec(id, spec, given);
    return openContainerPort(port, { open, signal, onLeft, closing: this.#background.closing });
  }

  async diagnose(id: string, { signal }: DriverContext): Promise<string | undefined> {
    const found = await readContainer(this.#client, id, signal);
    if (found?.status.phase === 'Running') return undefined;
    return explainEnd(this.#client, id, signal);
  }

  async close(): Promise<void> {
    this.#processes.close();
    await this.#background.settle(settleMs);
    this.#connected?.client.close();
  }

  get #daemon(): ConnectedDaemon {
    if (!this.#connected) throw new RecacError('RECAC_INTERNAL', 'the engine is not connected. Report this.');
    return this.#connected;
  }

  get #client(): DaemonClient {
    return this.#daemon.client;
  }

  #askFacts(signal: AbortSignal): Promise<DaemonFacts> {
    return orAborted(this.#readFacts(), signal, 'asking the daemon about itself');
  }

  /** Once for all starts; again after a failure. */
  #readFacts(): Promise<DaemonFacts> {
    if (this.#facts !== undefined) return this.#facts;
    const facts = readDaemonFacts(this.#client);
    facts.catch(() => {
      this.#facts = undefined;
    });
    this.#facts = facts;
    return facts;
  }

  /** Reads what has just been started. */
  async #readStarted(id: string, signal: AbortSignal): Promise<DriverEnvironment> {
    const found = await readContainer(this.#client, id, signal);
    if (!found) throw environmentNotFound(id);
    this.#started.set(id, found);
    return this.#toEnvironment(found.status);
  }

  /** Removes what has just been started when it could not be read, since nobody else knows of it. */
  async #orRemove(id: string, environment: Promise<DriverEnvironment>): Promise<DriverEnvironment> {
    try {
      return await environment;
    } catch (error) {
      await this.remove(id, { signal: new AbortController().signal });
      throw error;
    }
  }

  /**
   * In an own network where the preset asks for one, made for each attempt: one that nothing uses while an image is pulled is swept up by whoever lists. The image is pulled when it turns out to be missing, so that one that is there costs no call. What the daemon
   * says of the environment is read while its main process gets ready.
   */
  async #start(
    spec: EnvironmentSpec,
    chosen: Pick<StartFacts, 'user' | 'firstProcess'>,
    clock: PhaseClock,
    context: CreateContext,
  ): Promise<{ readonly container: StartedContainer; readonly environment: Promise<DriverEnvironment> }> {
    const { signal } = context;
    const read = Promise.withResolvers<DriverEnvironment>();
    read.promise.catch(() => {});
    const { hardening, network: networkOptions = {} } = this.#options;
    const { warning } = toNetworkPlan(spec.network ?? 'none');
    if (warning !== undefined) context.onWarning(warning);
    const autoRemove = !(await this.#askFacts(signal)).liveRestore;
    const onLate = (remove: LateRemoval): void => this.#background.add(removeLateArrival(remove, this.#background));
    const attempt = async (image: string): Promise<StartedContainer> => {
      const network = await startNetwork(this.#client, spec, networkOptions, { signal, onLate });
      try {
        return await startContainer(
          this.#client,
          spec,
          { image, ...chosen, hardening, autoRemove, network: network.plan },
          {
            signal,
            onLate,
            onLeft: (remove, id) => this.#removals.later(remove, id),
            afterCreate: (id) => network.prepare(id, image),
            beforeReady: (id) => {
              this.#readStarted(id, signal).then(read.resolve, read.reject);
              return network.restrict();
            },
          },
        );
      } catch (error) {
        await network.remove().catch(() => {});
        throw error;
      }
    };
    const inPlace = (image: string): Promise<StartedContainer> => {
      if (this.#starts.held >= startPlaces) clock.wait('other starts of this engine');
      return this.#starts.run(() => attempt(image), signal);
    };
    const container = await startWithImage({ client: this.#client, pins: this.#pins, spec, clock, signal }, inPlace);
    return { container, environment: read.promise };
  }

  #toEnvironment(status: EnvironmentStatus): DriverEnvironment {
    const shown = this.#removals.isStuck(status.id)
      ? { ...status, phase: 'Unknown' as const, reason: 'Stuck' }
      : status;
    return { status: shown, runDirectory };
  }
}
