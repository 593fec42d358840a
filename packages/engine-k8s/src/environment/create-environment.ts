import { randomUUID } from 'node:crypto';
import { type EnvironmentSpec, RecacError } from '@recac/engine-core';
import { type CreateContext, type DriverEnvironment, PhaseClock } from '@recac/engine-kit';
import { toPatientClient } from '../api/patient-client.ts';
import { toFacts } from '../attempt-facts.ts';
import type { WaitingShell } from '../exec/open-pod-process.ts';
import { toEnvironmentId } from '../job/environment-id.ts';
import { fromJobMetadata } from '../job/job-labels.ts';
import type { Job, NewJob } from '../job/job-object.ts';
import { toJob, toLifetimeSeconds } from '../job/job-plan.ts';
import type { JobSettings } from '../job/job-settings.ts';
import { runDirectory } from '../job/keep-alive-script.ts';
import { warnOfKeepers } from '../job/pod-keepers.ts';
import { findPodOfJob, toEnvironmentStatus } from '../job/pod-status.ts';
import type { EnvironmentWatch, NamespaceWatch } from '../watch/namespace-watch.ts';
import { awaitAlone } from './await-alone.ts';
import { awaitShell } from './await-shell.ts';
import type { ClusterNamespace } from './cluster-namespace.ts';
import { createJob } from './create-job.ts';
import { explainAttempt, readLastWords } from './explain-attempt.ts';
import { findJob } from './find-job.ts';
import { markProved, toProved, withProof } from './mark-proved.ts';
import type { NetworkGuard } from './network-guard.ts';
import { planWorkspace } from './plan-workspace.ts';
import type { Removals } from './removals.ts';
import { removeJob } from './remove-job.ts';

/** What the starts of one engine share. */
export interface EnvironmentCreator {
  /** Where the Jobs are. */
  readonly cluster: ClusterNamespace;
  /** All that the engine watches. */
  readonly watch: NamespaceWatch;
  /** What every Job is made with. */
  readonly settings: JobSettings;
  /** Sees to the network. */
  readonly network: NetworkGuard;
  /** Removes what a start that failed has left. */
  readonly removals: Removals;
}

/** An environment that was just created. */
export interface CreatedEnvironment {
  /** What callers see of it. */
  readonly environment: DriverEnvironment;
  /** Name of its pod. */
  readonly pod: string;
  /** The shell that has proved that it runs, and waits for its first process; which may begin once `proved` is settled. */
  readonly shell: WaitingShell & { readonly proved: Promise<void> };
}

interface Attempt {
  readonly spec: EnvironmentSpec;
  readonly name: string;
  /** Tells this attempt from others of the name. */
  readonly id: string;
  readonly planned: NewJob;
  /** Where the Job is, for calls that wait for a busy server as long as the start may take. */
  readonly cluster: ClusterNamespace;
  readonly scope: EnvironmentWatch;
  readonly clock: PhaseClock;
}

/** Creates the Job of an environment and waits until a shell answers in its pod. Removes all that it made when it fails or is cancelled. */
export async function createEnvironment(
  spec: EnvironmentSpec,
  creator: EnvironmentCreator,
  context: CreateContext,
): Promise<CreatedEnvironment> {
  const { settings, watch } = creator;
  const clock = new PhaseClock(context.onEvent);
  const onWait = (message: string): void => clock.wait(message);
  const cluster = { ...creator.cluster, client: toPatientClient(creator.cluster.client, onWait) };
  clock.begin('admit');
  try {
    const id = randomUUID();
    const facts = toFacts(id);
    // Refuses what cannot be a Job before a claim is made for it, which nothing of ours would remove.
    toJob(spec, settings, facts);
    const placed = await planWorkspace(cluster, spec, { signal: context.signal, onWait });
    const { job: planned, warnings } = toJob(spec, settings, { ...facts, ...placed });
    for (const warning of warnings) context.onWarning(warning);
    const { name } = planned.metadata;
    return await tryAttempt({ spec, name, id, planned, cluster, scope: watch.of(name), clock }, creator, context);
  } finally {
    clock.finish();
  }
}

async function tryAttempt(
  attempt: Attempt,
  creator: EnvironmentCreator,
  context: CreateContext,
): Promise<CreatedEnvironment> {
  const { planned, spec, scope, clock } = attempt;
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  // Opened beside the creation, so that nothing waits for it.
  const ends = [scope.pods, creator.watch.containerEvents].map((watch) => watch.listen({ onChange: () => {} }));
  let job: Job | undefined;
  try {
    job = await createJob(attempt.cluster, planned, {
      isOurAttempt: (holder) => fromJobMetadata(holder.metadata)?.attempt === attempt.id,
      isOurs: (holder) => fromJobMetadata(holder.metadata)?.sessionId === spec.sessionId,
      onWait: (message) => clock.wait(message),
      signal,
    });
    const fail = (error: unknown): void => over.abort(error);
    return await awaitReady(job, attempt, creator, { ...context, signal, fail });
  } catch (error) {
    over.abort(error);
    const pod = job && findPodOfJob(job, [...scope.pods.table.values()]);
    const evidence = await readLastWords(creator.cluster, job && { job, ...(pod && { pod }) }, context.signal);
    const cleanup = await removeAttempt(attempt, creator);
    throw explainAttempt(error, creator.cluster, { signal: context.signal, name: attempt.name, evidence, cleanup });
  } finally {
    for (const end of ends) end();
  }
}

async function awaitReady(
  job: Job,
  { spec, planned, cluster, scope, clock }: Attempt,
  { watch, settings, network }: EnvironmentCreator,
  {
    signal,
    onWarning,
    fail,
  }: Pick<CreateContext, 'signal' | 'onWarning'> & { readonly fail: (error: unknown) => void },
): Promise<CreatedEnvironment> {
  const preset = spec.network ?? settings.network ?? 'none';
  const restricted = network.restrict(cluster, { spec, planned, job, preset }, signal);
  restricted.catch(() => {});
  const alone = awaitAlone(cluster, job, spec, { onWait: (message) => clock.wait(message), signal });
  alone.catch(fail);
  const { namespace = cluster.namespace, name, uid } = job.metadata;
  const environmentId = toEnvironmentId({ namespace, name, uid });
  const { pod, shell } = await awaitShell({ job, clock, scope, cluster, watch, environmentId, signal });
  try {
    // Whoever starts in the same directory takes the mark for proof that this one is first.
    await alone;
    const proved = markProved(cluster, job, pod, toLifetimeSeconds(settings), signal);
    proved.catch(() => {});
    await restricted;
    for (const warning of warnOfKeepers(pod, planned)) onWarning(warning);
    await network.prove(shell, { preset, onWarning, signal });
    const status = toEnvironmentStatus(job, withProof(toProved(job, pod), pod));
    if (!status) throw new RecacError('RECAC_INTERNAL', 'the Job does not carry our labels. Report this.');
    return { environment: { status, runDirectory }, pod: pod.metadata.name, shell: { ...shell, proved } };
  } catch (error) {
    shell.process.close();
    throw error;
  }
}

/** After a failed start: the Job of this very attempt goes, also when its creation was never answered. Gives why it could not be removed. */
async function removeAttempt(
  { name, id }: Attempt,
  { cluster, watch, removals }: EnvironmentCreator,
): Promise<unknown> {
  return removals.removeUnknown(async (signal, lookMs) => {
    const job = await findJob(cluster, name, signal, lookMs);
    if (!job || fromJobMetadata(job.metadata)?.attempt !== id) return;
    await removeJob(cluster, job.metadata, signal, watch.of(name));
  });
}
