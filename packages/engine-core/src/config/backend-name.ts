import { invalidArgument } from '../recac-error.ts';
import { findNearest } from './find-nearest.ts';

/** Backends whose engines belong to this project. */
export const knownBackends: readonly string[] = ['local', 'docker', 'kubernetes'];

const aliases: Readonly<Record<string, string>> = { k8s: 'kubernetes', kube: 'kubernetes', podman: 'docker' };
const packageShape = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/**
 * Checks the name of a backend: one of {@link knownBackends} or the name of a package. What looks like a slip of a known name is
 * refused, so that a typing error never asks for a stranger's package. Errors: `RECAC_INVALID_ARGUMENT`.
 */
export function validateBackendName(name: string, field = 'backend'): void {
  if (knownBackends.includes(name)) return;
  const nearest = findAlias(name.toLowerCase()) ?? findNearest(name, knownBackends);
  const rule = 'must be local, docker, kubernetes, or the name of a package with an engine';
  if (nearest !== undefined) throw invalidArgument(field, rule, `Did you mean ${nearest}?`);
  if (!packageShape.test(name) || name.length > 214) throw invalidArgument(field, rule, 'Use for example docker.');
}

function findAlias(name: string): string | undefined {
  return Object.hasOwn(aliases, name) ? aliases[name] : undefined;
}
