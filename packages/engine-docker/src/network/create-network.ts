import { randomBytes } from 'node:crypto';
import { type EnvironmentSpec, RecacError } from '@recac/engine-core';
import { toCreatorLabels } from '../creator-labels.ts';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { toStatus, withoutStop } from '../daemon/daemon-error.ts';
import { toNetworkBody } from './network-plan.ts';
import { removeNetwork } from './remove-network.ts';
import { chooseSubnet, type Subnet } from './subnet.ts';

/** A network that one environment has for itself. */
export interface EnvironmentNetwork {
  /** The network's id. */
  readonly id: string;
  /** Its addresses. */
  readonly subnet: Subnet;
}

const attempts = 30;

/**
 * Creates the network of an environment. Nothing is left after a failure, also when the daemon's answer was lost. Errors:
 * `RECAC_ENVIRONMENT_START_FAILED` with the reason `NoSubnet` when no addresses are free, or `NetworkRefused`;
 * `RECAC_PERMISSION_DENIED`.
 */
export async function createNetwork(
  client: DaemonClient,
  spec: EnvironmentSpec,
  signal: AbortSignal,
): Promise<EnvironmentNetwork> {
  const facts = { suffix: randomBytes(4).toString('hex'), creator: toCreatorLabels() };
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const subnet = chooseSubnet();
    const body = toNetworkBody(spec, subnet, facts);
    try {
      const { id } = await client.call(
        'creating the network',
        (abortSignal) => client.docker.createNetwork({ ...body, abortSignal }),
        { signal },
      );
      return { id, subnet };
    } catch (error) {
      if (isTaken(error)) continue;
      if (toStatus(error) === undefined) await removeNetwork(client, body.Name).catch(() => {});
      throw toNetworkError(error);
    }
  }
  throw toNoSubnet();
}

function toMessage(error: unknown): string {
  return RecacError.isInstance(error) ? String(error.details.message ?? '') : '';
}

/** Docker's two words for it: of the address manager, and of the bridge driver. */
function isTaken(error: unknown): boolean {
  return /pool overlaps|conflicts with network|overlaps with (existing|other)|already used/i.test(toMessage(error));
}

function toNoSubnet(cause?: unknown): RecacError {
  return new RecacError(
    'RECAC_ENVIRONMENT_START_FAILED',
    "the daemon has no free addresses for another network. Stop environments, remove networks that nobody uses with 'docker network prune', or use the network none.",
    { cause, details: { reason: 'NoSubnet' } },
  );
}

function toNetworkError(error: unknown): unknown {
  const status = toStatus(error);
  if (status === undefined) return error;
  const message = toMessage(error);
  if (/non-overlapping|fully subnetted|no available network/i.test(message)) return toNoSubnet(error);
  if (status === 401 || status === 403) return error;
  return new RecacError(
    'RECAC_ENVIRONMENT_START_FAILED',
    `the daemon could not create a network: ${withoutStop(message)}. Look at its log, or use the network none.`,
    { cause: error, details: { reason: 'NetworkRefused', status, message } },
  );
}
