import { compareQuantities, invalidArgument, parseQuantity, type ResourceRequirements } from '@recac/engine-core';
import type { JobResourceAmounts, JobSettings } from './job-settings.ts';

/** Requests and limits as Kubernetes writes them. */
export interface PodResources {
  /** What the scheduler sets aside. */
  readonly requests: Readonly<Record<string, string>>;
  /** What the container may not exceed. */
  readonly limits: Readonly<Record<string, string>>;
}

/** A limit without a request asks the scheduler for all of it, and an ordinary node does not say what disk it has: so the request is zero. */
const diskDefaults = { request: '0', limit: '20Gi' } as const;

/**
 * Requests and limits of our container: those of a specification before those of the settings, one by one; a request that exceeds the limit of the other
 * source gives way to it. Disk is limited always. Errors: `RECAC_INVALID_ARGUMENT`, field `resources.…`.
 */
export function toPodResources(wanted: ResourceRequirements | undefined, settings: JobSettings): PodResources {
  const { requests = {}, limits = {} } = settings.resources ?? {};
  const upper = toAmounts({ ...limits, ...wanted?.limits }, 'resources.limits');
  const lower = toAmounts({ ...requests, ...wanted?.requests }, 'resources.requests');
  const asked = toAmounts(wanted?.requests ?? {}, 'resources.requests');
  for (const [name, limit] of Object.entries(upper)) {
    const request = lower[name];
    if (request === undefined || compareQuantities(parseQuantity(request), parseQuantity(limit)) <= 0) continue;
    const isLimitOfSpecification = name in toAmounts(wanted?.limits ?? {}, 'resources.limits');
    if (name in asked || !isLimitOfSpecification)
      throw invalidArgument(
        `resources.requests.${name}`,
        `asks for ${request}, more than the limit ${limit}`,
        'Lower the request, or raise the limit.',
      );
    lower[name] = limit;
  }
  const disk = 'ephemeral-storage';
  return {
    requests: { ...(disk in upper ? {} : { [disk]: diskDefaults.request }), ...lower },
    limits: { [disk]: diskDefaults.limit, ...upper },
  };
}

function toAmounts(amounts: JobResourceAmounts, field: string): Record<string, string> {
  const { cpu, memory, ephemeralStorage } = amounts;
  const named = { cpu, memory, 'ephemeral-storage': ephemeralStorage };
  const given = Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined);
  for (const [name, text] of given) parseQuantity(text, `${field}.${name}`);
  return Object.fromEntries(given);
}
