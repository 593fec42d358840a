import { compareQuantities, parseQuantity, type Quantity } from '../quantity.ts';
import type { ConfigIssue } from './config-issue.ts';
import { readPath } from './read-path.ts';

/** Requests that exceed their limits, read from what is written whether or not the rest of it is valid. */
export function findResourceIssues(written: unknown): readonly ConfigIssue[] {
  return ['kubernetes', 'session'].flatMap((section) =>
    ['cpu', 'memory'].flatMap((name) => findIssue(written, section, name)),
  );
}

function findIssue(written: unknown, section: string, name: string): readonly ConfigIssue[] {
  const request = readQuantity(written, [section, 'resources', 'requests', name]);
  const limit = readQuantity(written, [section, 'resources', 'limits', name]);
  if (request === undefined || limit === undefined || compareQuantities(request, limit) <= 0) return [];
  const path = `${section}.resources.requests.${name}`;
  const rule = `must not exceed its limit (${request.text} is more than ${limit.text})`;
  return [{ path, rule, message: `${path} ${rule}. Lower it, or raise ${section}.resources.limits.${name}.` }];
}

function readQuantity(written: unknown, keys: readonly string[]): Quantity | undefined {
  const value = readPath(written, keys);
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  try {
    return parseQuantity(String(value));
  } catch {
    return undefined;
  }
}
