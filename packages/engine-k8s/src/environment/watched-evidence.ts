import { toApiStatus } from '../api/api-error.ts';
import type { Job } from '../job/job-object.ts';
import type { Pod } from '../job/pod.ts';
import type { Evidence } from '../job/start-failure.ts';
import { keepListening } from '../watch/keep-listening.ts';
import type { EnvironmentWatch, NamespaceWatch } from '../watch/namespace-watch.ts';
import type { ClusterNamespace } from './cluster-namespace.ts';
import { hasRun, readLog, type Seen } from './read-evidence.ts';

/** Where evidence of one start comes from. */
export interface EvidenceSources {
  /** Where the Job is. */
  readonly cluster: ClusterNamespace;
  /** All that the engine watches. */
  readonly watch: NamespaceWatch;
  /** The watch in which the Job is. */
  readonly scope: EnvironmentWatch;
}

/** When a watch that cannot be opened is not waited for any longer. */
const openMs = 5_000;

/** What the watches show of a start that does not go on by itself. Nobody asks for it while starts succeed. */
export class WatchedEvidence {
  readonly #sources: EvidenceSources;
  readonly #signal: AbortSignal;
  readonly #onChange: () => void;
  #areEventsHidden = false;
  #opened: Promise<unknown> | undefined;
  #log: { readonly version: string | undefined; readonly text: Promise<string | undefined> } | undefined;

  /** `onChange`: there may be something new. */
  constructor(sources: EvidenceSources, onChange: () => void, signal: AbortSignal) {
    this.#sources = sources;
    this.#onChange = onChange;
    this.#signal = signal;
  }

  /** Gathers it; the first time, Jobs and warnings are asked for. What may not be read is left out. */
  async gather({ job, pod, podIsGone = false }: Seen): Promise<Evidence> {
    this.#opened ??= this.#open(job.metadata.uid);
    await this.#opened;
    const { watch, scope } = this.#sources;
    const { uid } = job.metadata;
    const now = scope.jobs.table.isDeleted(uid) ? undefined : (scope.jobs.table.get(uid) ?? job);
    const warnings = [...watch.warnings.table.values()];
    const steps = [...watch.containerEvents.table.values()].filter(({ type }) => type !== 'Warning');
    const logTail = pod && hasRun(pod) ? await this.#readLog(pod) : undefined;
    return {
      ...(now === undefined ? {} : { job: now }),
      areEventsHidden: this.#areEventsHidden,
      jobEvents: warnings.filter(({ involvedObject }) => involvedObject?.uid === uid),
      ...(pod ? { pod } : {}),
      podIsGone,
      podEvents: [...warnings, ...steps].filter(({ involvedObject }) => involvedObject?.uid === pod?.metadata.uid),
      ...(logTail === undefined || logTail === '' ? {} : { logTail }),
    };
  }

  #open(jobUid: string): Promise<unknown> {
    const { watch, scope } = this.#sources;
    const onJob = ({ object }: { readonly object: Job }): void => {
      if (object.metadata.uid === jobUid) this.#onChange();
    };
    const onFailure = (error: unknown): boolean => {
      this.#areEventsHidden = toApiStatus(error) === 403;
      return !this.#areEventsHidden;
    };
    const ends = [
      keepListening(() => scope.jobs, { onChange: onJob, onSynced: this.#onChange }),
      keepListening(() => watch.warnings, { onChange: this.#onChange, onFailure, onSynced: this.#onChange }),
    ];
    const end = (): void => ends.forEach((stop) => void stop());
    if (this.#signal.aborted) end();
    this.#signal.addEventListener('abort', end, { once: true });
    const both = Promise.allSettled([scope.jobs.synced, watch.warnings.synced]);
    return Promise.race([both, new Promise((resolve) => setTimeout(resolve, openMs).unref())]);
  }

  /** Read once for each state of the pod. */
  #readLog(pod: Pod): Promise<string | undefined> {
    const version = pod.metadata.resourceVersion;
    if (this.#log === undefined || this.#log.version !== version)
      this.#log = { version, text: readLog(this.#sources.cluster, pod, this.#signal).catch(() => undefined) };
    return this.#log.text;
  }
}
