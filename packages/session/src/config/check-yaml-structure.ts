import { type Alias, type Document, isCollection, isScalar, type Node, visit, type YAMLMap } from 'yaml';

/** Reports a broken rule at an offset of the text; does not return. */
export type ReportProblem = (rule: string, nextStep: string, offset: number) => never;

const maximumDepth = 20;
const maximumAliases = 20;

/** Checks what a parsed document may consist of: at most 20 levels and 20 aliases, none of them to what it stands in, and keys that are plain and given once. */
export function checkYamlStructure(document: Document, report: ReportProblem): void {
  let aliases = 0;
  visit(document, {
    Collection: (_key, node, path) => {
      if (path.filter(isCollection).length >= maximumDepth) {
        report(`must not be nested deeper than ${maximumDepth} levels`, 'Remove levels.', toOffset(node));
      }
    },
    Alias: (_key, alias, path) => {
      aliases += 1;
      if (aliases > maximumAliases)
        report(`must not hold more than ${maximumAliases} aliases`, 'Write the values out.', toOffset(alias));
      checkAlias(document, alias, path, report);
    },
    Map: (_key, map) => checkKeys(map, report),
  });
}

function checkAlias(document: Document, alias: Alias, path: readonly unknown[], report: ReportProblem): void {
  const target = alias.resolve(document);
  if (target === undefined)
    report(`has the alias *${alias.source} without an anchor before it`, 'Write the value out.', toOffset(alias));
  if (path.includes(target))
    report(`has the alias *${alias.source} inside its own anchor`, 'Write the value out.', toOffset(alias));
}

function checkKeys(map: YAMLMap, report: ReportProblem): void {
  const seen = new Set<string>();
  for (const { key } of map.items) {
    if (!isScalar(key)) report('must have plain texts as keys', 'Write keys such as runner:.', toOffset(map));
    const name = key.value;
    if (typeof name !== 'string') report('must have plain texts as keys', 'Put the key in quotes.', toOffset(key));
    if (seen.has(name))
      report(`has the key ${JSON.stringify(name.slice(0, 80))} twice`, 'Remove one of them.', toOffset(key));
    seen.add(name);
  }
}

function toOffset(node: Node): number {
  return node.range?.[0] ?? 0;
}
