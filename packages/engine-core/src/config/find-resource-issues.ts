import { compareQuantities, parseQuantity, type Quantity } from '../quantity.ts';
import type { ConfigIssue } from './config-issue.ts';
import { readPath } from './read-path.ts';

/** Requests that exceed their limits, read from what is written whether or not the rest of it is valid. */
export function findResourceIssues(written: unknown): readonly ConfigIssue[] {
  return ['cpu', 'memory'].flatMap((name) => {
    const request = readQuantity(written, 'requests', name);
    const limit = readQuantity(written, 'limits', name);
    if (request === undefined || limit === undefined || compareQuantities(request, limit) <= 0) return [];
    const path = `kubernetes.resources.requests.${name}`;
    const rule = `must not exceed its limit (${request.text} is more than ${limit.text})`;
    return [{ path, rule, message: `${path} ${rule}. Lower it, or raise kubernetes.resources.limits.${name}.` }];
  });
}

function readQuantity(written: unknown, section: string, name: string): Quantity | undefined {
  const value = readPath(written, ['kubernetes', 'resources', section, name]);
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  try {
    return parseQuantity(String(value));
  } catch {
    return undefined;
  }
}
