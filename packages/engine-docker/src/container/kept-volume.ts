import {
  type EnvironmentSpec,
  type KeptWorkspace,
  labelKeys,
  RecacError,
  reservedLabelPrefix,
} from '@recac/engine-core';
import type { VolumeInspectInfo } from 'dockerode';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { toStatus } from '../daemon/daemon-error.ts';
import { inBody } from '../daemon/in-body.ts';
import { imageLabel } from './container-labels.ts';
import type { ContainerFacts } from './container-plan.ts';

const userLabel = `${reservedLabelPrefix}user`;

/** Of the names of our volumes: anything else would also be no name in the path of a request. */
const nameShape = /^recac-workspace-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Name of the volume that an environment's own workspace outlives it in; undefined where it does not. The attempt is that of the start. */
export function toKeptVolume({ workspace }: EnvironmentSpec, attempt: string): string | undefined {
  return workspace?.type === 'scratch' && workspace.outlives ? `recac-workspace-${attempt}` : undefined;
}

/**
 * Makes the volume where the workspace shall outlive its container. What is needed to start an environment over it again stands in its labels, which Podman takes in this
 * call only, and not with the container.
 */
export async function createKeptVolume(
  client: DaemonClient,
  spec: EnvironmentSpec,
  { attempt, creator, user }: Pick<ContainerFacts, 'attempt' | 'creator' | 'user'>,
  signal: AbortSignal,
): Promise<void> {
  if (spec.workspace?.type !== 'scratch' || !spec.workspace.outlives) return;
  const labels = {
    ...creator,
    [labelKeys.managed]: 'true',
    [labelKeys.session]: spec.sessionId,
    [imageLabel]: spec.image ?? '',
    [userLabel]: user,
  };
  await client.call(
    'making the workspace',
    (abortSignal) =>
      client.docker.createVolume(inBody({ Name: toKeptVolume(spec, attempt) ?? '', Labels: labels }, { abortSignal })),
    { signal, idempotent: true },
  );
}

/** The volumes of ours that no container has. Podman lists what fits any filter (libpod, `Runtime.Volumes`), so there is one, and labels are looked at here. */
export async function listKeptVolumes(client: DaemonClient, signal: AbortSignal): Promise<readonly KeptWorkspace[]> {
  const filters = { dangling: ['true'] };
  const { Volumes: found } = await client.call(
    'listing the kept workspaces',
    (abortSignal) =>
      client.docker.listVolumes({ filters, abortSignal } as Parameters<typeof client.docker.listVolumes>[0]),
    { signal, idempotent: true },
  );
  return (found ?? []).map(toKept).filter((kept) => kept !== undefined);
}

/** Refuses a volume that is not there, or not ours: the daemon would make one of that name. Errors: `RECAC_WORKSPACE_UNAVAILABLE`. */
export async function checkKeptVolume(
  client: DaemonClient,
  { workspace }: EnvironmentSpec,
  signal: AbortSignal,
): Promise<void> {
  if (workspace?.type !== 'kept' || (await readKeptVolume(client, workspace.id, signal)) !== undefined) return;
  const message = `there is no kept workspace ${workspace.id}. See recac rescue for those that are.`;
  throw new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { details: { id: workspace.id } });
}

/** Removes a volume of ours; one that is gone is fine, and so is anybody else's, which stays. Errors: `RECAC_ENVIRONMENT_CONFLICT` while a container has it. */
export async function removeKeptVolume(client: DaemonClient, name: string, signal?: AbortSignal): Promise<void> {
  if ((await readKeptVolume(client, name, signal)) !== undefined) await removeOwnVolume(client, name, signal);
}

/**
 * Removes the volume that a container of ours says is its own, also where it has no labels: the daemon makes one of that name for a container that comes late. Resolves to
 * true when it was there. Errors as above.
 */
export async function removeOwnVolume(client: DaemonClient, name: string, signal?: AbortSignal): Promise<boolean> {
  if (!nameShape.test(name)) return false;
  try {
    await client.call(
      'removing the workspace',
      (abortSignal) => client.docker.getVolume(name).remove({ abortSignal }),
      signal ? { signal } : {},
    );
    return true;
  } catch (cause) {
    if (toStatus(cause) === 404) return false;
    if (toStatus(cause) !== 409) throw cause;
    const message = `the workspace ${name} is in use by a container. Stop that first.`;
    throw new RecacError('RECAC_ENVIRONMENT_CONFLICT', message, { cause, details: { id: name } });
  }
}

/** Undefined when there is none of this name, or it is not ours. */
async function readKeptVolume(
  client: DaemonClient,
  name: string,
  signal: AbortSignal | undefined,
): Promise<KeptWorkspace | undefined> {
  if (!nameShape.test(name)) return undefined;
  try {
    const found = await client.call(
      'looking at the kept workspace',
      (abortSignal) => client.docker.getVolume(name).inspect({ abortSignal }),
      { ...(signal ? { signal } : {}), idempotent: true },
    );
    return toKept(found as KeptInfo);
  } catch (error) {
    if (toStatus(error) === 404) return undefined;
    throw error;
  }
}

type KeptInfo = VolumeInspectInfo & { readonly CreatedAt?: string };

function toKept({ Name: id, Labels: labels, CreatedAt: createdAt }: KeptInfo): KeptWorkspace | undefined {
  const sessionId = labels?.[labelKeys.session];
  if (!nameShape.test(id) || labels?.[labelKeys.managed] !== 'true' || sessionId === undefined) return undefined;
  const [image, user] = [labels[imageLabel] ?? '', labels[userLabel] ?? ''];
  return {
    id,
    sessionId,
    createdAt: new Date(createdAt ?? 0),
    ...(image === '' ? {} : { image }),
    ...(user === '' ? {} : { user }),
  };
}
