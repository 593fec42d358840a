import { compareQuantities, invalidArgument, parseQuantity, type ResourceRequirements } from '@recac/engine-core';

const names = ['cpu', 'memory'] as const;

/** Refuses what is no amount, a limit of 0, which to some backends means none at all, and a request above its limit. Errors: `RECAC_INVALID_ARGUMENT`, field `resources.…`. */
export function checkResources(resources: ResourceRequirements): void {
  checkNames(resources, ['requests', 'limits'], 'resources');
  const { requests = {}, limits = {} } = resources;
  checkNames(requests, names, 'resources.requests');
  checkNames(limits, names, 'resources.limits');
  for (const name of names) {
    const request = toQuantity(requests[name], `resources.requests.${name}`);
    const limit = toQuantity(limits[name], `resources.limits.${name}`);
    if (limit?.nano === 0n)
      throw invalidArgument(`resources.limits.${name}`, 'must be more than 0', 'Leave it out for the default.');
    if (request && limit && compareQuantities(request, limit) > 0)
      throw invalidArgument(
        `resources.requests.${name}`,
        `asks for ${request.text}, more than the limit ${limit.text}`,
        'Lower the request, or raise the limit.',
      );
  }
}

function toQuantity(text: string | undefined, field: string): ReturnType<typeof parseQuantity> | undefined {
  return text === undefined ? undefined : parseQuantity(text, field);
}

/** A misspelt name would be a limit that is not there. */
function checkNames(value: object, known: readonly string[], field: string): void {
  const nextStep = `Give ${known.join(' and ')}, each or none.`;
  if (typeof value !== 'object' || value === null) throw invalidArgument(field, 'must be an object', nextStep);
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalidArgument(`${field}.${unknown}`, 'is not known', nextStep);
}
