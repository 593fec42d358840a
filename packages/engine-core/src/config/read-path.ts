/** The value at a path of keys of something that may not have it; `undefined` when a step is missing. */
export function readPath(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (current, key) =>
      typeof current === 'object' && current !== null && Object.hasOwn(current, key)
        ? (current as Readonly<Record<string, unknown>>)[key]
        : undefined,
    value,
  );
}
