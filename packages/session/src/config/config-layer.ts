import type { ConfigOrigin } from './config-origin.ts';

/** One value that somebody wrote, before it is checked. */
export interface WrittenValue {
  /** Keys from the outermost section to the setting, or to an unknown key. */
  readonly keys: readonly string[];
  /** What is written there. Never a section with keys in it. */
  readonly value: unknown;
  /** Who wrote it. */
  readonly origin: ConfigOrigin;
}

/** The values of one source; sources of higher precedence come later. */
export type ConfigLayer = readonly WrittenValue[];

/** The values in nested sections, one by one. Empty sections give none. */
export function flattenSections(
  written: unknown,
  toOrigin: (keys: readonly string[]) => ConfigOrigin,
  keys: readonly string[] = [],
): ConfigLayer {
  if (typeof written !== 'object' || written === null || Array.isArray(written))
    return [{ keys, value: written, origin: toOrigin(keys) }];
  return Object.entries(written).flatMap(([key, value]) => flattenSections(value, toOrigin, [...keys, key]));
}

/**
 * The values that count, one for each path: the last layer that has one wins. A value also replaces what earlier layers have below or above its path.
 */
export function mergeLayers(layers: readonly ConfigLayer[]): ConfigLayer {
  const merged = new Map<string, WrittenValue>();
  for (const layer of layers) {
    const earlier = [...merged];
    for (const value of layer) {
      for (const [path, { keys }] of earlier) if (isWithin(keys, value.keys)) merged.delete(path);
    }
    for (const value of layer) merged.set(JSON.stringify(value.keys), value);
  }
  return [...merged.values()];
}

/** The values as nested sections. */
export function toSections(layer: ConfigLayer): Readonly<Record<string, unknown>> {
  const root = createSection();
  for (const { keys, value } of layer) {
    let section = root;
    for (const key of keys.slice(0, -1)) {
      section[key] ??= createSection();
      section = section[key] as Record<string, unknown>;
    }
    const last = keys.at(-1);
    if (last !== undefined) section[last] = value;
  }
  return root;
}

function isWithin(left: readonly string[], right: readonly string[]): boolean {
  const length = Math.min(left.length, right.length);
  return left.slice(0, length).every((key, index) => key === right[index]);
}

/** Without a prototype, so that a key such as `__proto__` is a key like any other. */
function createSection(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}
