import {
  type Document,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { checkYamlStructure } from './check-yaml-structure.ts';
import { configFileInvalid } from './config-error.ts';

/** A parsed YAML file. */
export interface ParsedYaml {
  /** Its sections; empty for an empty file. */
  readonly content: Readonly<Record<string, unknown>>;
  /** Line of a key, from 1; `undefined` when the file does not have it. */
  readonly findLine: (keys: readonly string[]) => number | undefined;
}

/** Duplicate keys are found by {@link checkYamlStructure}: the package's own check takes a minute for 60 000 keys. */
const parseOptions = {
  version: '1.2',
  schema: 'core',
  resolveKnownTags: false,
  merge: false,
  uniqueKeys: false,
  logLevel: 'silent',
} as const;

/**
 * Parses a configuration file as one YAML 1.2 document of plain data: no custom tags, no duplicate keys, at most 20 levels and 20 aliases.
 * Errors: `RECAC_CONFIG_INVALID` with file and line.
 */
export function parseYaml(file: string, text: string): ParsedYaml {
  const lines = new LineCounter();
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  const document = parseDocument(file, text, lines);
  if (document === undefined) return { content: {}, findLine: () => undefined };
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined)
    throw configFileInvalid(file, describeProblem(problem), 'Correct that line.', lineOf(problem.pos[0]), problem);
  if (document.directives?.yaml.version !== '1.2')
    throw configFileInvalid(file, 'must be YAML 1.2', 'Remove the line %YAML.', 1);
  checkYamlStructure(document, (rule, nextStep, offset) => {
    throw configFileInvalid(file, rule, nextStep, lineOf(offset));
  });
  return { content: toContent(file, document), findLine: createLineFinder(document, lineOf) };
}

function parseDocument(file: string, text: string, lineCounter: LineCounter): Document | undefined {
  const parsed = parseAllDocuments(text, { ...parseOptions, lineCounter });
  const [first, second] = Array.isArray(parsed) ? parsed : [];
  if (second !== undefined) {
    const { line } = lineCounter.linePos(second.range[0]);
    throw configFileInvalid(file, 'must hold one YAML document', 'Remove the line --- and what does not belong.', line);
  }
  return first as Document | undefined;
}

function describeProblem(problem: YAMLError): string {
  const [first = ''] = problem.message.split('\n');
  if (first.includes('Maximum call stack size')) return 'must not be nested so deeply';
  return `is not valid YAML: ${first.replace(/ at line \d+, column \d+:?$/, '')}`;
}

function toContent(file: string, document: Document): Readonly<Record<string, unknown>> {
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw configFileInvalid(file, 'repeats too much by aliases', 'Write the values out.', undefined, cause);
  }
  if (content === null || content === undefined) return {};
  if (!isMap(document.contents)) {
    throw configFileInvalid(
      file,
      'must hold sections of keys',
      'Begin with a section, such as runner: with backend: docker below it.',
      1,
    );
  }
  return content as Readonly<Record<string, unknown>>;
}

/** Finds the line of the longest part of a path that the document has. */
function createLineFinder(document: Document, lineOf: (offset: number) => number): ParsedYaml['findLine'] {
  const indexes = new Map<YAMLMap, ReadonlyMap<string, Pair>>();
  const findPair = (node: unknown, key: string): Pair | undefined => {
    if (!isMap(node)) return undefined;
    const index =
      indexes.get(node) ?? new Map(node.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : '', pair]));
    indexes.set(node, index);
    return index.get(key);
  };
  return (keys) => {
    let offset: number | undefined;
    let pair: Pair | undefined;
    for (const key of keys) {
      pair = findPair(pair === undefined ? document.contents : pair.value, key);
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
    }
    return offset === undefined ? undefined : lineOf(offset);
  };
}
