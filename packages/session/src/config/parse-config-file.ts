import type { ParsedYaml } from './parse-yaml.ts';

/** Parses a configuration file as `parseYaml` does. The parser is loaded for it: where there is no file, a command does without its eighty modules. */
export async function parseConfigFile(file: string, text: string): Promise<ParsedYaml> {
  const { parseYaml } = await import('./parse-yaml.ts');
  return parseYaml(file, text);
}
