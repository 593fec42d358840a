import { randomBytes } from 'node:crypto';
import { type EnvironmentSpec, RecacError } from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import type { NetworkInspectInfo } from 'dockerode';
import { toCreatorLabels } from '../creator-labels.ts';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { toStatus, withoutStop } from '../daemon/daemon-error.ts';
import { inBody } from '../daemon/in-body.ts';
import { isUnanswered, type MakingContext } from '../daemon/late-arrival.ts';
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
/** Answers that may pass are waited out as often. */
const passingAttempts = 3;
const passingPauseMs = 250;

/**
 * Creates the network of an environment. Nothing is left after a failure, also when the daemon's answer was lost or comes too late. Errors:
 * `RECAC_ENVIRONMENT_START_FAILED` with the reason `NoSubnet` when no addresses are free, or `NetworkRefused`;
 * `RECAC_PERMISSION_DENIED`.
 */
export async function createNetwork(
  client: DaemonClient,
  spec: EnvironmentSpec,
  { signal, onLate }: MakingContext,
): Promise<EnvironmentNetwork> {
  const facts = { suffix: randomBytes(4).toString('hex'), creator: toCreatorLabels() };
  const subnets: Subnet[] = [];
  let passing = 0;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const subnet = chooseSubnet();
    subnets.push(subnet);
    const body = toNetworkBody(spec, subnet, facts);
    try {
      const { id } = await client.call(
        'creating the network',
        (abortSignal) => client.docker.createNetwork(inBody(body, { abortSignal })),
        { signal },
      );
      return { id, subnet };
    } catch (error) {
      const mayBeThere = !signal.aborted && (isUnanswered(error) || passing > 0);
      const made = mayBeThere ? await findMade(client, body.Name, subnets, signal).catch(() => undefined) : undefined;
      if (made) return made;
      if (isTaken(error)) continue;
      if (mayBeThere && !isStuck(error) && passing < passingAttempts) {
        passing += 1;
        await delay(passingPauseMs, signal);
        continue;
      }
      if (isUnanswered(error) || passing > 0) await removeMade(client, body.Name, onLate);
      throw toNetworkError(error);
    }
  }
  throw toNoSubnet();
}

/** What an attempt made whose answer did not come. The name has a part of this start's own. */
async function findMade(
  client: DaemonClient,
  name: string,
  subnets: readonly Subnet[],
  signal: AbortSignal,
): Promise<EnvironmentNetwork | undefined> {
  const found = await client.get<NetworkInspectInfo>('looking for the network', `/networks/${name}`, { signal });
  const subnet = subnets.find(({ cidr }) => cidr === found.IPAM?.Config?.[0]?.Subnet);
  return subnet && { id: found.Id, subnet };
}

async function removeMade(client: DaemonClient, name: string, onLate: MakingContext['onLate']): Promise<void> {
  const remove = (): Promise<boolean> => removeNetwork(client, name);
  if (!(await remove().catch(() => false))) onLate(remove);
}

/** No answer came in time: asking once more would take as long again. */
function isStuck(error: unknown): boolean {
  return RecacError.isInstance(error) && error.details.stuck === true;
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
