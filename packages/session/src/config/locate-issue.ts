import type { ConfigIssue } from '@recac/engine-core';
import type { ConfigLayer } from './config-layer.ts';
import { formatOrigin } from './config-origin.ts';

/** A problem together with the place of what is wrong: `recac.yaml:3`, a variable's name. */
export interface LocatedIssue extends ConfigIssue {
  /** Where it was written, for people. Default: unknown. */
  readonly origin?: string;
}

/** The problem with its place in front of the message. */
export function locateIssue(issue: ConfigIssue, layer: ConfigLayer): LocatedIssue {
  const found =
    layer.find(({ keys }) => keys.join('.') === issue.path) ??
    layer.find(({ keys }) => `${keys.join('.')}.`.startsWith(`${issue.path}.`)) ??
    layer.find(({ keys }) => issue.path.startsWith(`${keys.join('.')}.`));
  if (found === undefined) return issue;
  const origin = formatOrigin(found.origin);
  return { ...issue, origin, message: `${origin}: ${issue.message}` };
}
