import { RecacError } from '@recac/engine-core';
import { delay, type PhaseClock } from '@recac/engine-kit';
import { toApiStatus } from '../api/api-error.ts';
import { toServerWords } from '../api/server-words.ts';
import { openWaitingShell, type WaitingShell } from '../exec/open-pod-process.ts';
import type { Job } from '../job/job-object.ts';
import { toStartPhase } from '../job/phases.ts';
import { findAgent, hasEnded, type Pod } from '../job/pod.ts';
import { findPodOfJob, isPodOf } from '../job/pod-status.ts';
import { readStartFailure } from '../job/read-failure.ts';
import type { StartFailure } from '../job/start-failure.ts';
import type { ObjectChange } from '../watch/object-table.ts';
import type { WatchedEvent } from '../watch/project-objects.ts';
import { FailureGrace } from './failure-grace.ts';
import { readEvidence, type Seen } from './read-evidence.ts';
import { type EvidenceSources, WatchedEvidence } from './watched-evidence.ts';

/** An environment in which processes can be opened. */
export interface ReadyPod {
  /** Its pod. */
  readonly pod: Pod;
  /** A shell in it that waits for what to become: the proof that it runs. */
  readonly shell: WaitingShell;
}

const evidencePauseMs = 1_000;
/**
 * A try that fails takes time from what makes the container, and the kubelet's events tell when it is made and when it has started. So tries before are only a net, for events
 * that come late or may not be read. The kubelet looks for volumes, which every pod of ours has, every 300 ms (podAttachAndMountRetryInterval), and then makes sandbox and container.
 */
const noShellBeforeMs = 1_000;
/** The runtime takes longer to start a container that is made, but the event of its start comes late where there is much to do. */
const noShellAfterCreatedMs = 60;
const firstShellPauseMs = 25;
/** While it may live any moment. */
const shortShellPauseMs = { created: 30, otherwise: 100 } as const;
const isSoonMs = 2_000;
/** While images are pulled, say: then the kubelet's word is quicker than tries. */
const longestShellPauseMs = 1_000;
/** One may fail while the kubelet and the runtime agree that the container runs. */
const triesBeforeTelling = 2;
/** A kubelet that says that there is no such container, or pod, may be about to see it. So long after the pod is seen running that is news, and may be the word of a proxy. */
const notFoundBeforeTellingMs = 5_000;

/** Which start is waited for. */
export interface AwaitedStart extends EvidenceSources {
  /** The Job, as created. */
  readonly job: Job;
  /** Times the phases. */
  readonly clock: PhaseClock;
  /** Id of the environment. */
  readonly environmentId: string;
  /** Cancels it. */
  readonly signal: AbortSignal;
}

/**
 * Waits until a shell answers in the Job's pod. It does not wait for the kubelet to say `Running`, which may come half a second after the container lives:
 * the shell is tried from when events say that the container is made, while the watches supply failures. Rejects with the cause as soon as waiting cannot help.
 */
export async function awaitShell(start: AwaitedStart): Promise<ReadyPod> {
  const ended = new AbortController();
  const wait = new StartWait({ ...start, signal: AbortSignal.any([start.signal, ended.signal]) });
  try {
    return await wait.run();
  } finally {
    ended.abort();
  }
}

class StartWait {
  readonly #start: AwaitedStart;
  readonly #evidence: WatchedEvidence;
  readonly #result = Promise.withResolvers<ReadyPod>();
  readonly #grace = new FailureGrace();
  #pod: Pod | undefined;
  #podIsGone = false;
  #triedPod: string | undefined;
  /** When the kubelet told in an event that the pod's container is made. */
  #createdAt: number | undefined;
  /** The kubelet has told in an event that it has started the pod's container. */
  #isStarted = false;
  /** Ends the pause before the next try. */
  #wake = (): void => {};
  #message: string | undefined;
  #triesWhileRunning = 0;
  /** When a shell was first missed in a pod that is seen running. */
  #missedSince: number | undefined;
  /** Why no shell answers though the container runs, as told last. */
  #unreached: string | undefined;

  constructor(start: AwaitedStart) {
    this.#start = start;
    this.#evidence = new WatchedEvidence(start, () => this.#lookSoon(), start.signal);
  }

  get #signal(): AbortSignal {
    return this.#start.signal;
  }

  async run(): Promise<ReadyPod> {
    const giveUp = (): void => this.#result.reject(this.#signal.reason);
    this.#signal.addEventListener('abort', giveUp, { once: true });
    const { scope, job } = this.#start;
    const pod = findPodOfJob(job, [...scope.pods.table.values()]);
    if (pod) this.#takePod({ type: 'ADDED', object: pod });
    const end = this.#followPod();
    const endEvents = this.#followContainer();
    const timer = setInterval(() => this.#lookSoon(), evidencePauseMs);
    try {
      return await this.#result.promise;
    } finally {
      end();
      endEvents();
      clearInterval(timer);
      this.#signal.removeEventListener('abort', giveUp);
    }
  }

  #followPod(): () => void {
    const { scope, job } = this.#start;
    let end = (): void => {};
    const listen = (): void => {
      if (this.#signal.aborted) return;
      end = scope.pods.listen({
        onChange: (change) => {
          if (isPodOf(change.object, job.metadata.uid)) this.#takePod(change);
        },
        onFailure: (error) => {
          const status = toApiStatus(error);
          if (status === 401 || status === 403) this.#result.reject(error);
          else void delay(evidencePauseMs, this.#signal).then(listen);
        },
      });
    };
    listen();
    return () => end();
  }

  /** Without the right to events the start is seen later: in the pod's status, or by a try. */
  #followContainer(): () => void {
    return this.#start.watch.containerEvents.listen({
      onChange: ({ type, object }) => {
        if (type !== 'DELETED') this.#takeEvent(object);
      },
    });
  }

  #takeEvent({ reason, involvedObject }: WatchedEvent): void {
    if (this.#pod === undefined || involvedObject?.uid !== this.#pod.metadata.uid) return;
    if (reason === 'Created') this.#createdAt ??= performance.now();
    else if (reason === 'Started') this.#isStarted = true;
    else return;
    this.#wake();
  }

  #takePod({ type, object: pod }: ObjectChange<Pod>): void {
    if (type === 'DELETED' && pod.metadata.uid !== this.#pod?.metadata.uid) return;
    this.#pod = pod;
    this.#podIsGone = type === 'DELETED';
    try {
      this.#showPhase(pod);
    } catch (error) {
      this.#result.reject(error);
    }
    if (pod.spec?.nodeName !== undefined && this.#triedPod !== pod.metadata.uid) {
      this.#triedPod = pod.metadata.uid;
      for (const event of this.#start.watch.containerEvents.table.values()) this.#takeEvent(event);
      this.#tryShell(pod).catch((error: unknown) => this.#result.reject(error));
    }
    if (this.#isRunning) this.#wake();
    if (this.#podIsGone || hasTrouble(pod)) this.#lookSoon();
  }

  get #isRunning(): boolean {
    return this.#isStarted || isRunning(this.#pod);
  }

  #lookSoon(): void {
    this.#look().catch((error: unknown) => this.#result.reject(error));
  }

  async #look(): Promise<void> {
    if (this.#signal.aborted) return;
    const { job, clock, environmentId } = this.#start;
    const seen = { job, ...(this.#pod ? { pod: this.#pod } : {}), podIsGone: this.#podIsGone };
    const failure = readStartFailure(await this.#evidence.gather(seen));
    const isOver = this.#grace.isOver(failure);
    if (failure === undefined || this.#signal.aborted) return;
    if (isOver && !(await this.#isConfirmed(failure, seen))) this.#grace.forget(failure);
    else if (failure.isFinal || isOver) this.#result.reject(toStartError(failure, environmentId));
    else if (failure.message !== this.#message) {
      this.#message = failure.message;
      clock.wait(failure.message);
    }
  }

  /** The watches have warnings only: what says that something has been overcome, such as that an image is pulled, is asked for before a start is given up. */
  async #isConfirmed({ phase }: StartFailure, seen: Seen): Promise<boolean> {
    const evidence = await readEvidence(this.#start.cluster, seen, this.#signal);
    return readStartFailure(evidence)?.phase === phase;
  }

  #showPhase(pod: Pod): void {
    const { clock } = this.#start;
    const phase = toStartPhase(pod);
    if (phase !== clock.phase && phase !== 'ready') clock.begin(phase);
  }

  async #tryShell(pod: Pod): Promise<void> {
    const { cluster, environmentId } = this.#start;
    const { namespace = cluster.namespace, name } = pod.metadata;
    const address = { namespace, pod: name, environmentId };
    const begunAt = performance.now();
    if (!this.#isRunning && this.#createdAt === undefined) await this.#pause(noShellBeforeMs);
    if (!this.#isRunning && this.#createdAt !== undefined) await this.#pause(noShellAfterCreatedMs);
    for (let pauseMs = firstShellPauseMs; ; pauseMs *= 1.5) {
      if (this.#signal.aborted || this.#podIsGone) return;
      const wasStarted = this.#isStarted;
      try {
        const shell = await openWaitingShell(cluster.client, address, this.#signal);
        this.#result.resolve({ pod: this.#pod ?? pod, shell });
        if (this.#signal.aborted) shell.process.close();
        return;
      } catch (error) {
        if (this.#signal.aborted) return;
        if (!isNotYet(error)) throw error;
        this.#tellUnreached(error);
        if (this.#isStarted && !wasStarted) continue;
        this.#isStarted = false;
        pauseMs = Math.min(pauseMs, this.#longestPause(this.#createdAt ?? begunAt));
        await this.#pause(pauseMs);
      }
    }
  }

  /** A container that runs should answer: what keeps it from that is not in the pod's state, so the error is the only one to tell. */
  #tellUnreached(error: RecacError): void {
    if (!isRunning(this.#pod)) return;
    this.#missedSince ??= performance.now();
    const isNotFound = error.code === 'RECAC_ENVIRONMENT_NOT_FOUND';
    if (isNotFound && performance.now() - this.#missedSince < notFoundBeforeTellingMs) return;
    this.#triesWhileRunning += 1;
    const { message: words = error.message } = error.details;
    const text = toServerWords(String(words)).replace(/[.\s]+$/, '');
    if (this.#triesWhileRunning < triesBeforeTelling || text === this.#unreached) return;
    this.#unreached = text;
    this.#start.clock.wait(
      `waiting: the pod runs, but no command can be run in it (${text}). Look at the node's kubelet, and at what is between it and the API server, if it stays.`,
    );
  }

  #longestPause(since: number): number {
    if (performance.now() - since > isSoonMs) return longestShellPauseMs;
    return this.#createdAt === undefined ? shortShellPauseMs.otherwise : shortShellPauseMs.created;
  }

  /** Waits, but no longer than until the kubelet says that the container is made, or has started. */
  async #pause(milliseconds: number): Promise<void> {
    if (this.#isRunning) return delay(Math.min(milliseconds, shortShellPauseMs.otherwise), this.#signal);
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    return Promise.race([delay(milliseconds, this.#signal), woken]);
  }
}

/** The container does not live yet, or not any more: the pod's own state tells which. */
function isNotYet(error: unknown): error is RecacError {
  if (!RecacError.isInstance(error)) return false;
  if (error.code === 'RECAC_ENVIRONMENT_NOT_FOUND' || error.code === 'RECAC_ENGINE_UNAVAILABLE') return true;
  return error.code === 'RECAC_EXEC_FAILED' && error.details.reason === 'ExecFailed';
}

function isRunning(pod: Pod | undefined): boolean {
  return findAgent(pod)?.state?.running !== undefined;
}

function hasTrouble(pod: Pod): boolean {
  if (hasEnded(pod)) return true;
  const { status } = pod;
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
