import type { EnvironmentEvent, EnvironmentStatus } from '@recac/engine-core';

/** What has changed since `known` was true, as events; `known` is true again afterwards. For drivers whose backend only tells that something happened. */
export function* compareEnvironments(
  known: Map<string, EnvironmentStatus>,
  now: readonly EnvironmentStatus[],
): Generator<EnvironmentEvent> {
  const seen = new Set<string>();
  for (const environment of now) {
    seen.add(environment.id);
    const before = known.get(environment.id);
    known.set(environment.id, environment);
    if (!before) yield { type: 'ADDED', environment };
    else if (JSON.stringify(before) !== JSON.stringify(environment)) yield { type: 'MODIFIED', environment };
  }
  for (const [id, environment] of known) {
    if (seen.has(id)) continue;
    known.delete(id);
    yield { type: 'DELETED', environment };
  }
}
