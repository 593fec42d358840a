import { listConfigSettings, type WrittenConfig } from '@recac/engine-core';
import type { ConfigLayer } from './config-layer.ts';
import type { ConfigOrigin } from './config-origin.ts';

/** A setting, its value and where it comes from. */
export interface ResolvedValue {
  /** Dotted path, such as `kubernetes.namespace`. */
  readonly path: string;
  /** The value as it is written; `(hidden)` for variables of `session.env`. */
  readonly value: unknown;
  /** Who set it. */
  readonly origin: ConfigOrigin;
}

/** Every setting that has a value, in the order of the schema; a map gives one for each of its names. */
export function resolveValues(written: WrittenConfig, layer: ConfigLayer): readonly ResolvedValue[] {
  return listConfigSettings().flatMap(({ path, kind }) => {
    const keys = path.split('.');
    const value = keys.reduce<unknown>(
      (section, key) => (section as Readonly<Record<string, unknown>> | undefined)?.[key],
      written,
    );
    if (value === undefined) return [];
    if (kind !== 'map') return [{ path, value, origin: findOrigin(keys, layer) }];
    return Object.keys(value as object).map((name) => ({
      path: `${path}.${name}`,
      value: '(hidden)',
      origin: findOrigin([...keys, name], layer),
    }));
  });
}

/** Of the value itself, or of the first that is written below it: `kubernetes.pod_template` may hold sections. */
function findOrigin(keys: readonly string[], layer: ConfigLayer): ConfigOrigin {
  const found = layer.find(({ keys: written }) => keys.every((key, index) => written[index] === key));
  return found?.origin ?? { type: 'default' };
}
