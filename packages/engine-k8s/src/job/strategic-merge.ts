import { invalidArgument } from '@recac/engine-core';

type Fields = Readonly<Record<string, unknown>>;

/** Lists whose items have a name of their own, by the field that holds it; other lists are replaced. */
const mergeKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  volumes: 'name',
  env: 'name',
  imagePullSecrets: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  ports: 'containerPort',
  hostAliases: 'ip',
};

/** Lists that are added to ours. */
const appended: readonly string[] = ['tolerations', 'topologySpreadConstraints', 'envFrom'];

/**
 * Merges an object over another as Kubernetes' strategic merge does: objects field by field, lists with names item by item, tolerations and the like appended,
 * other values replaced. Of terms that select nodes, of which one must hold, both are required: ours are the node of a claim. `$patch` directives and `null` are refused, since they only take away. Errors: `RECAC_INVALID_ARGUMENT` with the path.
 */
export function strategicMerge(base: unknown, patch: unknown, path: string): unknown {
  if (patch === null)
    throw invalidArgument(path, 'must not be empty (null)', 'Leave the field out to keep what recac sets.');
  if (!isFields(patch)) return patch;
  const result = new Map(Object.entries(isFields(base) ? base : {}));
  for (const [field, value] of Object.entries(patch)) {
    const at = `${path}.${field}`;
    if (field.startsWith('$'))
      throw invalidArgument(at, 'is a merge directive, which is not supported', 'Name only what is added or changed.');
    const before = result.get(field);
    result.set(field, Array.isArray(value) ? mergeLists(before, value, field, at) : strategicMerge(before, value, at));
  }
  return Object.fromEntries(result);
}

/** True for an object with fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mergeLists(base: unknown, patch: readonly unknown[], field: string, path: string): unknown[] {
  const before: readonly unknown[] = Array.isArray(base) ? base : [];
  if (appended.includes(field)) return [...before, ...patch];
  if (field === 'nodeSelectorTerms') return requireBoth(before, patch);
  const key = mergeKeys[field];
  if (key === undefined) return [...patch];
  const items = new Map(before.map((item) => [toName(item, key, path), item]));
  const seen = new Set<unknown>();
  for (const item of patch) {
    const name = toName(item, key, path);
    if (seen.has(name)) throw invalidArgument(`${path}[${name}]`, 'is there twice', 'Keep one of them.');
    seen.add(name);
    items.set(name, strategicMerge(items.get(name), item, `${path}[${name}]`));
  }
  return [...items.values()];
}

function requireBoth(before: readonly unknown[], patch: readonly unknown[]): unknown[] {
  if (before.length === 0 || patch.length === 0) return [...before, ...patch];
  return before.flatMap((ours) =>
    patch.map((theirs) => (isFields(ours) && isFields(theirs) ? join(ours, theirs) : theirs)),
  );
}

function join(ours: Fields, theirs: Fields): Fields {
  const lists = ['matchExpressions', 'matchFields'].map((field) => {
    const [left, right] = [ours[field], theirs[field]].map((list) => (Array.isArray(list) ? list : []));
    return [field, [...(left ?? []), ...(right ?? [])]] as const;
  });
  return { ...theirs, ...Object.fromEntries(lists.filter(([, list]) => list.length > 0)) };
}

function toName(item: unknown, key: string, path: string): string {
  const name = isFields(item) ? item[key] : undefined;
  if (typeof name !== 'string' && typeof name !== 'number')
    throw invalidArgument(path, `needs "${key}" in each item`, `Add the field ${key}.`);
  return String(name);
}
