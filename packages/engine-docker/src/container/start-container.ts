import { randomUUID } from 'node:crypto';
import { type EnvironmentSpec, invalidArgument, RecacError, toEnvironmentName } from '@recac/engine-core';
import { delay, readLine } from '@recac/engine-kit';
import type { ContainerInspectInfo } from 'dockerode';
import { toCreatorLabels } from '../creator-labels.ts';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { isPassing, toDaemonMessage, toStatus, withoutStop } from '../daemon/daemon-error.ts';
import { readDaemonTime } from '../daemon/daemon-time.ts';
import { inBody } from '../daemon/in-body.ts';
import { isUnanswered, type MakingContext } from '../daemon/late-arrival.ts';
import { StreamProcess } from '../stream/stream-process.ts';
import { attach, noShell, untilReady } from './attached-process.ts';
import { type ContainerLabels, fromLabels } from './container-labels.ts';
import { type ContainerFacts, toContainerPlan } from './container-plan.ts';
import { openExec } from './exec-process.ts';
import { refuseHiddenRootOf } from './hidden-root.ts';
import { createKeptVolume, removeOwnVolume, toKeptVolume } from './kept-volume.ts';
import { removeContainer } from './remove-container.ts';
import { type GivenUpContainer, removeGivenUp } from './remove-given-up.ts';
import { type ContainerAge, isStale, mayBeStale } from './stale-container.ts';

/** What is decided before a container is made; the attempt and its creator are this module's. */
export type StartFacts = Omit<ContainerFacts, 'attempt' | 'creator'>;

/** A container that runs, and its main process. */
export interface StartedContainer {
  /** The container's id. */
  readonly id: string;
  /** The first process, which has the streams of the main process: attached since before the start. */
  readonly main: StreamProcess;
}

/** What happens around a start. */
export interface StartHooks extends MakingContext {
  /** Called when the container exists, before it is started. */
  readonly afterCreate?: (id: string) => void;
  /** Called when the container runs, before any command can. */
  readonly beforeReady?: (id: string) => Promise<void>;
  /** Called when a failed start could not be cleaned up, because the daemon does not answer, with what to try again, and the container where it is known. */
  readonly onLeft: (remove: () => Promise<void>, id: string | undefined) => void;
}

/** A start takes longer than other calls: runc may wait for a busy disk. */
const startDeadlineMs = 120_000;

/** A name may be reserved by a container that cannot be seen yet, or is just going. */
const nameAttempts = 20;
const createAttempts = 3;
const namePauseMs = 50;

/**
 * Creates and starts a container. After a failure nothing of this attempt remains, also when the daemon's answer was lost. Errors:
 * `RECAC_ENVIRONMENT_CONFLICT`, `RECAC_IMAGE_NOT_FOUND` (the caller may pull and try again), `RECAC_ENVIRONMENT_START_FAILED`, `RECAC_INVALID_ARGUMENT`,
 * `RECAC_PERMISSION_DENIED`, `RECAC_WORKSPACE_UNAVAILABLE`.
 */
export async function startContainer(
  client: DaemonClient,
  spec: EnvironmentSpec,
  startFacts: StartFacts,
  hooks: StartHooks,
): Promise<StartedContainer> {
  const { signal } = hooks;
  const facts = { ...startFacts, attempt: randomUUID(), creator: toCreatorLabels() };
  const name = toEnvironmentName(spec.sessionId);
  let id: string | undefined;
  let isAsked = false;
  let main: StreamProcess | undefined;
  try {
    await createKeptVolume(client, spec, facts, signal);
    isAsked = true;
    id = await createContainer(client, spec, facts, signal);
    hooks.afterCreate?.(id);
    if (!client.podman) await refuseHiddenRootOf(client, id, facts.user, signal);
    main = await startAttached(client, id, signal);
    if (client.podman) await refuseHiddenRootOf(client, id, facts.user, signal);
    await hooks.beforeReady?.(id);
    await untilReady(main, (...directories) => repair(client, id ?? '', directories, signal), signal);
    return { id, main };
  } catch (error) {
    main?.close();
    const mayArrive = id === undefined && isUnanswered(error);
    const remove = async (): Promise<boolean> => {
      const hadContainer = await removeAttempt(client, id ?? name, facts.attempt);
      const keptVolume = toKeptVolume(spec, facts.attempt);
      const hadVolume = keptVolume !== undefined && (await removeOwnVolume(client, keptVolume));
      return isAsked ? hadContainer : hadVolume;
    };
    const removeAll = async (): Promise<void> => {
      if (!(await remove()) && mayArrive) hooks.onLate(remove);
    };
    await removeAll().catch(() => hooks.onLeft(removeAll, id));
    throw toStartError(error, spec, facts);
  }
}

async function createContainer(
  client: DaemonClient,
  spec: EnvironmentSpec,
  facts: ContainerFacts,
  signal: AbortSignal,
): Promise<string> {
  const { name = '', platform, ...plan } = toContainerPlan(spec, facts);
  const query = { name, ...(platform === undefined ? {} : { platform }) };
  const create = () =>
    client.call(
      'creating the container',
      (abortSignal) => client.docker.createContainer(inBody(plan, { abortSignal, query })),
      { signal, deadlineMs: startDeadlineMs },
    );
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await create()).id;
    } catch (error) {
      const isTaken = toStatus(error) === 409;
      if (signal.aborted || !(isTaken || (isPassingAnswer(error) && attempt < createAttempts))) throw error;
      const holder = await findByName(client, name);
      if (holder && readLabels(holder)?.attempt === facts.attempt) return holder.Id;
      if (holder && isOurs(holder, spec) && (await isGivenUp(client, holder, signal)))
        await removeGivenUp(client, toGivenUp(holder), signal);
      else if (holder || attempt >= nameAttempts) throw toConflict(name, spec, holder, error);
      else await delay(namePauseMs, signal);
    }
  }
}

/** The daemon is in trouble or the line broke: it may have made the container all the same. */
function isPassingAnswer(error: unknown): boolean {
  return isPassing(error) || isPassing((error as Error).cause);
}

async function startAttached(client: DaemonClient, id: string, signal: AbortSignal): Promise<StreamProcess> {
  const connection = await attach(client, id, signal);
  try {
    await client.call(
      'starting the container',
      (abortSignal) => client.docker.getContainer(id).start({ abortSignal }),
      {
        signal,
        deadlineMs: startDeadlineMs,
      },
    );
  } catch (error) {
    connection.destroy();
    throw error;
  }
  return new StreamProcess({
    connection,
    terminal: false,
    findExit: async () => ({ type: 'lost', reason: 'the first command lane ended' }),
  });
}

/**
 * A fresh volume belongs to root: root inside the container, without capabilities, may change the mode of what it owns. It says when it is done: until the
 * daemon knows of its end takes longer.
 */
async function repair(
  client: DaemonClient,
  id: string,
  directories: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  const argv = ['sh', '-c', 'chmod 1777 "$@" && echo done', 'recac', ...directories];
  const user = { id: '0:0', environmentVariables: {} };
  const process = await openExec(client, id, { argv, user, workingDirectory: '/' }, signal);
  try {
    return (await readLine(process.stdout, signal)) === 'done';
  } finally {
    process.close();
  }
}

/** Removes what this attempt made, found by its name when no answer told the id; nobody else's. Resolves to true when it was there. */
async function removeAttempt(client: DaemonClient, idOrName: string, attempt: string): Promise<boolean> {
  const found = await findByName(client, idOrName);
  if (!found || readLabels(found)?.attempt !== attempt) return false;
  await removeContainer(client, found.Id);
  return true;
}

async function findByName(client: DaemonClient, name: string): Promise<ContainerInspectInfo | undefined> {
  try {
    return await client.call(
      'looking for the container of that name',
      (abortSignal) => client.docker.getContainer(name).inspect({ abortSignal }),
      { idempotent: true },
    );
  } catch (error) {
    if (toStatus(error) === 404) return undefined;
    throw error;
  }
}

function isOurs(found: ContainerInspectInfo, spec: EnvironmentSpec): boolean {
  return readLabels(found)?.sessionId === spec.sessionId;
}

async function isGivenUp(client: DaemonClient, found: ContainerInspectInfo, signal: AbortSignal): Promise<boolean> {
  const age = toAge(found);
  return mayBeStale(age.state) && isStale(age, await readDaemonTime(client, signal));
}

function readLabels({ Config, Name }: ContainerInspectInfo): ContainerLabels | undefined {
  return fromLabels({ labels: Config.Labels, names: [Name] });
}

function toGivenUp(found: ContainerInspectInfo): GivenUpContainer {
  return { id: found.Id, state: found.State.Status, keptVolume: readLabels(found)?.keptVolume };
}

function toAge(found: ContainerInspectInfo): ContainerAge {
  return { state: found.State.Status, createdSeconds: new Date(found.Created).getTime() / 1_000 };
}

function toConflict(
  name: string,
  spec: EnvironmentSpec,
  found: ContainerInspectInfo | undefined,
  cause: unknown,
): RecacError {
  const ours = !found || isOurs(found, spec);
  const message = ours
    ? `session ${spec.sessionId} has an environment already. Stop it first, or choose another name.`
    : `a container named ${name} exists that is not ours. Remove or rename it, or choose another session name.`;
  return new RecacError('RECAC_ENVIRONMENT_CONFLICT', message, { cause, details: { name, ours } });
}

/** The daemon's refusals, by what they say (moby daemon/create.go, daemon/start_unix.go, runc's own texts). */
function toStartError(error: unknown, spec: EnvironmentSpec, facts: ContainerFacts): unknown {
  const status = toStatus(error);
  if (status === undefined || status === 401 || status === 403) return error;
  const message = String((error as RecacError).details.message ?? toDaemonMessage(error));
  const failed = (reason: string, text: string): RecacError =>
    new RecacError('RECAC_ENVIRONMENT_START_FAILED', text, { cause: error, details: { reason, status, message } });
  if (status === 404 && /no such image|image not known/i.test(message))
    return new RecacError('RECAC_IMAGE_NOT_FOUND', `the image ${facts.image} is not present. Pull or build it first.`, {
      cause: error,
      details: { image: facts.image },
    });
  if (/unable to find (user|group)|no matching entries in (passwd|group)|no users found/i.test(message))
    return invalidArgument('user', 'names a user that the image does not know', 'Use numbers such as 1000:1000.');
  if (/bind source path does not exist|statfs .*no such file/i.test(message) && spec.workspace?.type === 'bind')
    return new RecacError(
      'RECAC_WORKSPACE_UNAVAILABLE',
      `the workspace ${spec.workspace.hostPath} does not exist on the daemon's machine. Create it there, or use another workspace strategy.`,
      { cause: error, details: { path: spec.workspace.hostPath } },
    );
  if (/"?sh"?: executable file not found|exec: "sh"|stat sh: no such file/i.test(message)) return noShell();
  if (/docker-init|catatonit|init binary/i.test(message))
    return failed(
      'NoInit',
      'the daemon has no init program. Install it: package tini for Docker, catatonit for Podman.',
    );
  if (/no space left/i.test(message))
    return failed('NoSpace', `the daemon's disk is full: ${message}. Free some space.`);
  return failed(
    'StartRefused',
    `the daemon could not start the container: ${withoutStop(message)}. See whether "docker run" starts the image, and look at the daemon's log.`,
  );
}
