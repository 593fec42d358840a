import { RecacError } from '@recac/engine-core';
import { delay, type PhaseClock } from '@recac/engine-kit';
import { openWaitingShell, type WaitingShell } from '../exec/open-pod-process.ts';
import type { Job } from '../job/job-object.ts';
import { toStartPhase } from '../job/phases.ts';
import type { Pod } from '../job/pod.ts';
import { readStartFailure } from '../job/read-failure.ts';
import type { StartFailure } from '../job/start-failure.ts';
import type { ClusterNamespace } from './cluster-namespace.ts';
import { readEvidence } from './read-evidence.ts';
import { watchPod } from './watch-pod.ts';

/** An environment in which processes can be opened. */
export interface ReadyPod {
  /** Its pod. */
  readonly pod: Pod;
  /** A shell in it that waits for what to become: the proof that it runs. */
  readonly shell: WaitingShell;
}

const evidencePauseMs = 1_000;
const firstShellPauseMs = 25;
const longestShellPauseMs = 60;

/**
 * Waits until a shell answers in the Job's pod. It does not wait for the kubelet to say `Running`, which may come half a second after the container lives:
 * as soon as there is a node the shell is tried, while the watch and the events supply failures. Rejects with the cause as soon as waiting cannot help.
 */
export async function awaitShell(
  cluster: ClusterNamespace,
  job: Job,
  clock: PhaseClock,
  environmentId: string,
  signal: AbortSignal,
): Promise<ReadyPod> {
  const ended = new AbortController();
  const wait = new StartWait(cluster, job, clock, environmentId, AbortSignal.any([signal, ended.signal]));
  try {
    return await wait.run();
  } finally {
    ended.abort();
  }
}

class StartWait {
  readonly #cluster: ClusterNamespace;
  readonly #job: Job;
  readonly #clock: PhaseClock;
  readonly #environmentId: string;
  readonly #signal: AbortSignal;
  readonly #result = Promise.withResolvers<ReadyPod>();
  readonly #firstSeen = new Map<string, number>();
  #pod: Pod | undefined;
  #podIsGone = false;
  #triedPod: string | undefined;
  #message: string | undefined;

  constructor(cluster: ClusterNamespace, job: Job, clock: PhaseClock, environmentId: string, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#job = job;
    this.#clock = clock;
    this.#environmentId = environmentId;
    this.#signal = signal;
  }

  async run(): Promise<ReadyPod> {
    const giveUp = (): void => this.#result.reject(this.#signal.reason);
    this.#signal.addEventListener('abort', giveUp, { once: true });
    const fail = (error: unknown): void => this.#result.reject(error);
    this.#followPod().catch(fail);
    this.#followEvidence().catch(fail);
    try {
      return await this.#result.promise;
    } finally {
      this.#signal.removeEventListener('abort', giveUp);
    }
  }

  async #followPod(): Promise<void> {
    for await (const { pod, isGone } of watchPod(this.#cluster, this.#job.metadata.uid, this.#signal)) {
      this.#pod = pod;
      this.#podIsGone = isGone;
      this.#showPhase(pod);
      if (pod.spec?.nodeName !== undefined && this.#triedPod !== pod.metadata.uid) {
        this.#triedPod = pod.metadata.uid;
        this.#tryShell(pod).catch((error: unknown) => this.#result.reject(error));
      }
      if (isGone || hasTrouble(pod)) await this.#look();
    }
  }

  async #followEvidence(): Promise<void> {
    for (;;) {
      await delay(evidencePauseMs, this.#signal);
      if (this.#signal.aborted) return;
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    const seen = { job: this.#job, ...(this.#pod ? { pod: this.#pod } : {}), podIsGone: this.#podIsGone };
    const evidence = await readEvidence(this.#cluster, seen, this.#signal);
    const failure = readStartFailure(evidence);
    if (failure === undefined || this.#signal.aborted) return;
    const since = this.#firstSeen.get(failure.reason) ?? performance.now();
    this.#firstSeen.set(failure.reason, since);
    const isOver = failure.graceMs !== undefined && performance.now() - since > failure.graceMs;
    if (failure.isFinal || isOver) this.#result.reject(toStartError(failure, this.#environmentId));
    else if (failure.message !== this.#message) {
      this.#message = failure.message;
      this.#clock.wait(failure.message);
    }
  }

  #showPhase(pod: Pod): void {
    const phase = toStartPhase(pod);
    if (phase !== this.#clock.phase && phase !== 'ready') this.#clock.begin(phase);
  }

  async #tryShell(pod: Pod): Promise<void> {
    const { namespace, name } = pod.metadata;
    const address = {
      namespace: namespace ?? this.#cluster.namespace,
      pod: name,
      environmentId: this.#environmentId,
    };
    for (let pauseMs = firstShellPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, longestShellPauseMs)) {
      if (this.#signal.aborted || this.#podIsGone) return;
      try {
        const shell = await openWaitingShell(this.#cluster.client, address, this.#signal);
        this.#result.resolve({ pod: this.#pod ?? pod, shell });
        if (this.#signal.aborted) shell.process.close();
        return;
      } catch (error) {
        if (this.#signal.aborted) return;
        if (!isNotYet(error)) throw error;
        await delay(pauseMs, this.#signal);
      }
    }
  }
}

/** The container does not live yet, or not any more: the pod's own state tells which. */
function isNotYet(error: unknown): boolean {
  if (!RecacError.isInstance(error)) return false;
  if (error.code === 'RECAC_ENVIRONMENT_NOT_FOUND' || error.code === 'RECAC_ENGINE_UNAVAILABLE') return true;
  return error.code === 'RECAC_EXEC_FAILED' && error.details.reason === 'ExecFailed';
}

function hasTrouble({ status }: Pod): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return true;
  const states = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  return states.some(
    ({ state }) =>
      state?.terminated !== undefined ||
      (state?.waiting?.reason !== undefined &&
        !['ContainerCreating', 'PodInitializing'].includes(state.waiting.reason)),
  );
}

function toStartError(failure: StartFailure, environmentId: string): RecacError {
  const { code, message, phase, reason, evidence } = failure;
  return new RecacError(code, message, { details: { phase, reason, evidence, environmentId } });
}
