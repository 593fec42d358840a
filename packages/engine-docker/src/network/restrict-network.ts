import { randomBytes } from 'node:crypto';
import { labelKeys, RecacError } from '@recac/engine-core';
import type { ContainerCreateOptions } from 'dockerode';
import { removeContainer } from '../container/remove-container.ts';
import { toCreatorLabels } from '../creator-labels.ts';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { toDaemonMessage, toStatus } from '../daemon/daemon-error.ts';
import { inBody } from '../daemon/in-body.ts';
import { isUnanswered, type MakingContext } from '../daemon/late-arrival.ts';
import { networkHelperLabel } from './network-plan.ts';
import { toProgramArchive } from './program-archive.ts';
import { type Restriction, toRestrictionMessages } from './restriction.ts';
import { toArchitecture, toRouteProgram } from './route-program.ts';

/** A helper that is ready to restrict the network of one environment. */
export interface NetworkHelper {
  /** The container's id. */
  readonly id: string;
}

/** What a helper is made of. */
export interface NetworkHelperOptions extends Restriction {
  /** The environment's container. It need not run yet. */
  readonly containerId: string;
  /** Any image that is present, such as the environment's: nothing of it is run. */
  readonly image: string;
}

const deadlineMs = 60_000;
/** Linux' errno of an address family that is switched off. */
const familyNotSupported = 97;

/**
 * Creates a container that will take everything but the internet from an environment's network, from inside. It holds NET_ADMIN there and nothing else, runs
 * our own program and nothing of the image, and ends at once. Needs not wait for the environment to run. Nothing is left after a failure.
 */
export async function createNetworkHelper(
  client: DaemonClient,
  options: NetworkHelperOptions,
  { signal, onLate }: MakingContext,
): Promise<NetworkHelper> {
  const mark = randomBytes(8).toString('hex');
  const [program, name] = [`.recac-${mark}`, `recac-network-${mark}`];
  const plan = toHelperPlan(options, program);
  try {
    const [{ id }, { Arch: architecture }] = await Promise.all([
      client.call(
        'creating the network helper',
        (abortSignal) => client.docker.createContainer(inBody(plan, { abortSignal, query: { name } })),
        { signal, deadlineMs },
      ),
      client.get<{ readonly Arch: string }>('asking for the version', '/version', { signal }),
    ]);
    const bytes = toRouteProgram(toArchitecture(architecture), toRestrictionMessages(options));
    if (!bytes) throw toUnknownMachine(architecture);
    await client.call(
      'preparing the network helper',
      (abortSignal) =>
        client.docker.getContainer(id).putArchive(toProgramArchive(program, bytes), { path: '/', abortSignal }),
      { signal, deadlineMs },
    );
    return { id };
  } catch (error) {
    const remove = (): Promise<boolean> => removeContainer(client, name);
    const isGone = await remove().catch(() => false);
    if (!isGone && isUnanswered(error)) onLate(remove);
    throw toHelperError(error);
  }
}

/** True for the name of a helper, with or without the daemon's slash. Labels alone do not tell: an image may have them. */
export function isHelperName(name: string): boolean {
  return /^\/?recac-network-[0-9a-f]{16}$/.test(name);
}

/**
 * Runs the helper in the environment, which must run, and removes it. From then on the environment reaches the internet only. Errors:
 * `RECAC_ENVIRONMENT_START_FAILED` with the reason `NetworkNotRestricted`: the caller must not hand the environment out.
 */
export async function restrictNetwork(client: DaemonClient, { id }: NetworkHelper, signal: AbortSignal): Promise<void> {
  const helper = client.docker.getContainer(id);
  const options = { signal, deadlineMs };
  try {
    await client.call('starting the network helper', (abortSignal) => helper.start({ abortSignal }), options);
    const { StatusCode: status } = (await client.call(
      'waiting for the network helper',
      (abortSignal) => helper.wait({ abortSignal }),
      options,
    )) as { readonly StatusCode: number };
    if (status !== 0 && status !== familyNotSupported) throw notRestricted(`the kernel answered with error ${status}`);
  } catch (error) {
    throw toHelperError(error);
  } finally {
    await removeContainer(client, id);
  }
}

/** The body of the call that creates a helper. Its root cannot be read-only: the daemon would not put the program there. */
function toHelperPlan({ containerId, image }: NetworkHelperOptions, program: string): ContainerCreateOptions {
  return {
    Image: image,
    Entrypoint: [`/${program}`],
    Cmd: [],
    User: '0:0',
    WorkingDir: '/',
    Healthcheck: { Test: ['NONE'] },
    Labels: { ...toCreatorLabels(), [labelKeys.managed]: 'true', [networkHelperLabel]: containerId },
    HostConfig: {
      NetworkMode: `container:${containerId}`,
      CapDrop: ['ALL'],
      CapAdd: ['NET_ADMIN'],
      SecurityOpt: ['no-new-privileges'],
      RestartPolicy: { Name: '' },
      LogConfig: { Type: 'none', Config: {} },
    },
  };
}

function notRestricted(message: string, cause?: unknown): RecacError {
  return new RecacError(
    'RECAC_ENVIRONMENT_START_FAILED',
    `the network could not be limited to the internet: ${message}. Use the network none, or open when everything may be reached.`,
    { cause, details: { reason: 'NetworkNotRestricted', message } },
  );
}

function toUnknownMachine(architecture: string): RecacError {
  return new RecacError(
    'RECAC_CAPABILITY_UNSUPPORTED',
    `the network internet is not supported on machines of type ${architecture}. Use the network none, or open when everything may be reached.`,
    { details: { backend: 'docker', capability: 'networkPresets', architecture } },
  );
}

function toHelperError(error: unknown): unknown {
  if (toStatus(error) === undefined) return error;
  const message = RecacError.isInstance(error) ? String(error.details.message) : toDaemonMessage(error);
  return notRestricted(message, error);
}
