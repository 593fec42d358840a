import type { z } from 'zod';
import { configSchema } from './config-schema.ts';

/** One setting of the configuration: a key with a value, not a section. */
export interface ConfigSetting {
  /** Dotted path of the key as it is written, such as `kubernetes.pvc_name`. */
  readonly path: string;
  /**
   * What may be written: text, a quantity (text or a number), one of `choices`, a `count` (one of `choices` or a whole number), a list of texts, a list of
   * `sections` with `entryKeys`, or a map of names to values.
   */
  readonly kind: 'text' | 'quantity' | 'choice' | 'count' | 'list' | 'sections' | 'map';
  /** The choices of a `choice` or a `count`. */
  readonly choices: readonly string[];
  /** The keys of each entry of `sections`. */
  readonly entryKeys: readonly string[];
  /** What it means. */
  readonly description: string;
  /** Value when nothing is written. Default: none. */
  readonly defaultValue?: unknown;
  /** Values to copy from. */
  readonly examples: readonly unknown[];
}

interface SchemaNode {
  readonly def: { readonly type: string; readonly innerType?: SchemaNode; readonly defaultValue?: unknown };
  readonly shape?: Readonly<Record<string, SchemaNode>>;
  /** Of an array: what its entries are. */
  readonly element?: SchemaNode;
  /** Of an enum its choices, of a union its schemas. */
  readonly options?: readonly unknown[];
  meta(): z.core.GlobalMeta | undefined;
}

let settings: readonly ConfigSetting[] | undefined;

/** Every setting of the schema, in its order. */
export function listConfigSettings(): readonly ConfigSetting[] {
  settings ??= collectSettings(configSchema as unknown as SchemaNode, '');
  return settings;
}

/** Dotted paths of every section of the schema, such as `kubernetes.resources`; the whole configuration is not one. */
export function listConfigSections(): readonly string[] {
  const sections = new Set<string>();
  for (const { path } of listConfigSettings()) {
    const keys = path.split('.');
    for (let length = 1; length < keys.length; length++) sections.add(keys.slice(0, length).join('.'));
  }
  return [...sections];
}

function collectSettings(node: SchemaNode, path: string): readonly ConfigSetting[] {
  const inner = unwrap(node);
  if (inner.shape === undefined) return [toSetting(node, inner, path)];
  return Object.entries(inner.shape).flatMap(([key, child]) =>
    collectSettings(child, path === '' ? key : `${path}.${key}`),
  );
}

function toSetting(node: SchemaNode, inner: SchemaNode, path: string): ConfigSetting {
  const meta = node.meta();
  const defaultValue = findDefault(node);
  return {
    path,
    kind: toKind(inner),
    choices: (findChoices(inner)?.options ?? []).map(String),
    entryKeys: Object.keys(inner.element?.shape ?? {}),
    description: meta?.description ?? '',
    examples: Array.isArray(meta?.examples) ? meta.examples : [],
    ...(defaultValue === undefined ? {} : { defaultValue }),
  };
}

function toKind(node: SchemaNode): ConfigSetting['kind'] {
  switch (node.def.type) {
    case 'enum':
      return 'choice';
    case 'record':
      return 'map';
    case 'array':
      return node.element?.shape === undefined ? 'list' : 'sections';
    case 'union':
      return findChoices(node) === undefined ? 'quantity' : 'count';
    default:
      return 'text';
  }
}

/** The enum that a setting is, or that is one side of its union. */
function findChoices(node: SchemaNode): SchemaNode | undefined {
  const candidates = node.def.type === 'union' ? ((node.options ?? []) as readonly SchemaNode[]) : [node];
  return candidates.find(({ def }) => def.type === 'enum');
}

function unwrap(node: SchemaNode): SchemaNode {
  return node.def.innerType === undefined ? node : unwrap(node.def.innerType);
}

function findDefault(node: SchemaNode): unknown {
  if (node.def.type === 'default') return node.def.defaultValue;
  return node.def.innerType === undefined ? undefined : findDefault(node.def.innerType);
}
