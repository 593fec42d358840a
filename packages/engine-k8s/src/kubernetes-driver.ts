import {
  type EngineInfo,
  type EnsureImageOptions,
  type EnvironmentEvent,
  type EnvironmentSpec,
  type ImageInfo,
  type PortConnection,
  parseImageReference,
  RecacError,
  toEnvironmentName,
} from '@recac/engine-core';
import {
  type CreateContext,
  type DriverContext,
  type DriverEnvironment,
  type DriverFilter,
  type EngineDriver,
  environmentNotFound,
  type ProcessSpec,
  type RawProcess,
  runProcess,
} from '@recac/engine-kit';
import { createApiClient } from './api/create-api-client.ts';
import { checkPermissions } from './check-permissions.ts';
import type { ClusterAccess } from './cluster/cluster-access.ts';
import { recogniseLocalCluster } from './cluster/local-cluster.ts';
import type { ClusterNamespace } from './environment/cluster-namespace.ts';
import { confirmGone } from './environment/confirm-gone.ts';
import {
  type CreatedEnvironment,
  createEnvironment,
  type EnvironmentCreator,
} from './environment/create-environment.ts';
import { type EnvironmentObjects, listEnvironments, readEnvironment } from './environment/list-environments.ts';
import { locatePod } from './environment/locate-pod.ts';
import { NetworkGuard } from './environment/network-guard.ts';
import { Removals } from './environment/removals.ts';
import { removeJob } from './environment/remove-job.ts';
import { renderEnvironment } from './environment/render-environment.ts';
import { watchEnvironments } from './environment/watch-environments.ts';
import { guardProcess } from './exec/guard-process.ts';
import { openPodPort } from './exec/open-pod-port.ts';
import { openPodProcess, takeShell } from './exec/open-pod-process.ts';
import type { PodProcess } from './exec/pod-process.ts';
import { PodUsers } from './exec/pod-users.ts';
import { ensureImage } from './image/ensure-image.ts';
import { explainEnd } from './job/end-cause.ts';
import { type EnvironmentAddress, parseEnvironmentId } from './job/environment-id.ts';
import { toLabelSelector } from './job/job-labels.ts';
import type { JobSettings } from './job/job-settings.ts';
import { runDirectory } from './job/keep-alive-script.ts';
import { toShownStatus } from './job/pod-status.ts';
import { kubernetesCapabilities } from './kubernetes-capabilities.ts';
import { warnOfMissing } from './permissions.ts';
import { NamespaceWatch } from './watch/namespace-watch.ts';

/** What a Kubernetes driver is made of. */
export interface KubernetesDriverOptions {
  /** Finds the cluster. */
  readonly resolve: (signal: AbortSignal) => Promise<ClusterAccess>;
  /** Namespace of the Jobs. Default: that of the context, then `default`. */
  readonly namespace?: string;
  /** What every Job is made with. */
  readonly job: Omit<JobSettings, 'namespace'>;
}

/** Environments as Jobs of one namespace. What is known of them comes from the cluster, by labels and annotations. */
export class KubernetesDriver implements EngineDriver {
  readonly backend = 'kubernetes';
  readonly capabilities = kubernetesCapabilities;
  readonly #options: KubernetesDriverOptions;
  /** Shells that have proved that their environment runs, and wait for its first process. */
  readonly #waiting = new Map<string, CreatedEnvironment['shell']>();
  /** Why the cluster ended environments under their commands. */
  readonly #ends = new Map<string, string>();
  /** Names of pods by environment. */
  readonly #pods = new Map<string, string>();
  /** Who commands can run as, by environment. */
  readonly #users = new Map<string, PodUsers>();
  readonly #network = new NetworkGuard();
  readonly #removals = new Removals();
  #warnings: string[] = [];
  /** What a start was refused with for lack of rights when they were looked at last. */
  #refusal: RecacError | undefined;
  #connected: { readonly cluster: ClusterNamespace; readonly watch: NamespaceWatch } | undefined;

  constructor(options: KubernetesDriverOptions) {
    this.#options = options;
  }

  async connect({ signal }: DriverContext): Promise<EngineInfo> {
    const access = await this.#options.resolve(signal);
    const client = createApiClient(access);
    const cluster = { client, namespace: this.#options.namespace ?? access.namespace ?? 'default' };
    try {
      const path = '/version';
      const { gitVersion } = await client.request<{ readonly gitVersion?: string }>({ method: 'GET', path, signal });
      const { missing, refusal } = await checkPermissions(cluster, signal);
      this.#warnings = [...warnOfMissing(missing, cluster.namespace)];
      this.#refusal = refusal;
      this.#connected = { cluster, watch: new NamespaceWatch(cluster) };
      const localCluster = recogniseLocalCluster(access);
      const info = { backend: this.backend, version: gitVersion ?? 'unknown', endpoint: access.server.href };
      const cannotStart = refusal?.message;
      return { ...info, ...(localCluster && { localCluster }), ...(cannotStart && { cannotStart }) };
    } catch (error) {
      client.close();
      throw error;
    }
  }

  async ensureImage(reference: string, options: EnsureImageOptions): Promise<ImageInfo> {
    await this.#requireRights(options.signal ?? new AbortController().signal);
    return ensureImage(this.#cluster, reference, { ...options, settings: this.#settings, removals: this.#removals });
  }

  async render(
    spec: EnvironmentSpec,
    { signal, onWarning }: Pick<CreateContext, 'signal' | 'onWarning'>,
  ): Promise<readonly unknown[]> {
    const namespace = this.#options.namespace ?? (await this.#options.resolve(signal)).namespace ?? 'default';
    return renderEnvironment(spec, { ...this.#options.job, namespace }, onWarning);
  }

  async create(spec: EnvironmentSpec, context: CreateContext): Promise<DriverEnvironment> {
    parseImageReference(spec.image ?? '');
    await this.#requireRights(context.signal);
    for (const warning of this.#warnings.splice(0)) context.onWarning(warning);
    const { environment, pod, shell } = await createEnvironment(spec, this.#creator, context);
    const { id } = environment.status;
    this.#pods.set(id, pod);
    this.#waiting.set(id, shell);
    return environment;
  }

  async remove(id: string, { signal }: DriverContext): Promise<void> {
    const address = this.#parse(id);
    if (!address) return;
    this.#forget(id);
    const removal = (until: AbortSignal) => removeJob(this.#cluster, address, until, this.#watch.of(address.name));
    await this.#removals.remove(id, removal, signal);
  }

  async find(filter: DriverFilter, { signal }: DriverContext): Promise<readonly DriverEnvironment[]> {
    const found = await this.#findObjects(filter, signal);
    const statuses = found.flatMap(({ job, pod }) => toShownStatus(job, pod) ?? []);
    return statuses.map((status) => ({ status: this.#removals.show(status), runDirectory }));
  }

  watch(filter: DriverFilter, { signal }: DriverContext): AsyncIterable<EnvironmentEvent> {
    const name = filter.sessionId === undefined ? undefined : toEnvironmentName(filter.sessionId);
    const watch = name === undefined ? this.#watch.all : this.#watch.of(name);
    return watchEnvironments(watch, { name, removals: this.#removals, signal });
  }

  async openProcess(id: string, { user, ...rest }: ProcessSpec, { signal }: DriverContext): Promise<RawProcess> {
    const become = user === undefined ? undefined : await this.#findUsers(id).find(user, signal);
    const spec = { ...rest, ...(become && { become }) };
    const shell = this.#waiting.get(id);
    if (shell && !spec.terminal) {
      this.#waiting.delete(id);
      return this.#guard(await takeShell(shell, spec, shell.proved), id, this.#pods.get(id) ?? '');
    }
    const address = await this.#locate(id, signal);
    const process = await openPodProcess(this.#cluster.client, address, spec, signal).catch(async (error: unknown) => {
      const shown = await confirmGone(this.#cluster, address, error);
      // Another pod may be in its place by now, which the next look finds out.
      if ((shown as RecacError).code === 'RECAC_ENVIRONMENT_NOT_FOUND') this.#pods.delete(id);
      throw shown;
    });
    return this.#guard(process, id, address.pod);
  }

  async openPort(id: string, port: number, { signal }: DriverContext): Promise<PortConnection> {
    return openPodPort(this.#cluster.client, await this.#locate(id, signal), port, signal);
  }

  async diagnose(id: string, { signal }: DriverContext): Promise<string | undefined> {
    const address = this.#parse(id);
    if (!address) return undefined;
    return this.#ends.get(id) ?? explainEnd((await readEnvironment(this.#cluster, address, signal)) ?? {});
  }

  async close(): Promise<void> {
    this.#removals.close();
    for (const { process } of this.#waiting.values()) process.close();
    this.#waiting.clear();
    this.#connected?.watch.close();
    this.#connected?.cluster.client.close();
  }

  get #cluster(): ClusterNamespace {
    return this.#connection.cluster;
  }

  get #watch(): NamespaceWatch {
    return this.#connection.watch;
  }

  get #connection() {
    if (!this.#connected) throw new RecacError('RECAC_INTERNAL', 'the engine is not connected. Report this.');
    return this.#connected;
  }

  /** Rights that were missing may have been given since. */
  async #requireRights(signal: AbortSignal): Promise<void> {
    if (this.#refusal === undefined) return;
    this.#refusal = (await checkPermissions(this.#cluster, signal)).refusal;
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  get #creator(): EnvironmentCreator {
    return { ...this.#connection, settings: this.#settings, network: this.#network, removals: this.#removals };
  }

  get #settings(): JobSettings {
    return { ...this.#options.job, namespace: this.#cluster.namespace };
  }

  #guard(process: PodProcess, id: string, podName: string): PodProcess {
    const watch = () => this.#watch.of(parseEnvironmentId(id)?.name ?? '').pods;
    guardProcess(process, podName, watch, (message) => this.#ends.set(id, message));
    return process;
  }

  async #findObjects(filter: DriverFilter, signal: AbortSignal): Promise<readonly EnvironmentObjects[]> {
    if (filter.id === undefined) return listEnvironments(this.#cluster, toLabelSelector(filter.sessionId), signal);
    const address = this.#parse(filter.id);
    return [address && (await readEnvironment(this.#cluster, address, signal))].filter((found) => found !== undefined);
  }

  async #locate(id: string, signal: AbortSignal) {
    const address = this.#parse(id);
    if (!address) throw environmentNotFound(id);
    const pod = this.#pods.get(id) ?? (await locatePod(this.#cluster, address, signal));
    this.#pods.set(id, pod);
    return { namespace: address.namespace, pod, environmentId: id };
  }

  #findUsers(id: string): PodUsers {
    const run = async (source: string | Buffer, signal: AbortSignal) =>
      runProcess(await this.openProcess(id, { argv: ['sh', '-c', source] }, { signal }), signal);
    const users = this.#users.get(id) ?? new PodUsers(run);
    this.#users.set(id, users);
    return users;
  }

  /** Ids of other namespaces are none of this engine's. */
  #parse(id: string): EnvironmentAddress | undefined {
    const address = parseEnvironmentId(id);
    return address?.namespace === this.#cluster.namespace ? address : undefined;
  }

  #forget(id: string): void {
    this.#waiting.get(id)?.process.close();
    for (const known of [this.#waiting, this.#pods, this.#users, this.#ends]) known.delete(id);
  }
}
