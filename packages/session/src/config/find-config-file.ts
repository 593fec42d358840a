import { join, resolve } from 'node:path';
import { configFileInvalid } from './config-error.ts';
import { parseConfigFile } from './parse-config-file.ts';
import type { ParsedYaml } from './parse-yaml.ts';
import { readConfigFile } from './read-config-file.ts';

/** A configuration file, read and parsed. */
export interface ConfigFile {
  /** Absolute path. */
  readonly file: string;
  /** Its bytes, for the comparison with what the user trusts. */
  readonly data: Uint8Array;
  /** Whether the user named it, by `--config` or `RECAC_CONFIG`. */
  readonly isNamed: boolean;
  /** What it says. */
  readonly yaml: ParsedYaml;
}

/** Where to look for a project's file. */
export interface ConfigFileQuery {
  /** Where relative paths start and `recac.yaml` is looked for. */
  readonly workingDirectory: string;
  /** The path of `--config`. Default: none. */
  readonly configPath?: string;
  /** Environment variables, for `RECAC_CONFIG`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The project's file: the one that `--config` or `RECAC_CONFIG` names, else `recac.yaml`, else a `config.yaml` of ours.
 * Errors: `RECAC_CONFIG_INVALID` when a named file does not exist, or the file cannot be read or parsed.
 */
export async function findConfigFile(query: ConfigFileQuery): Promise<ConfigFile | undefined> {
  const named = query.configPath ?? (query.environment.RECAC_CONFIG || undefined);
  if (named !== undefined)
    return readNamed(
      resolve(query.workingDirectory, named),
      query.configPath === undefined ? 'RECAC_CONFIG' : '--config',
    );
  return (
    (await readUnnamed(join(query.workingDirectory, 'recac.yaml'))) ??
    (await readSharedName(join(query.workingDirectory, 'config.yaml')))
  );
}

async function readNamed(file: string, by: string): Promise<ConfigFile> {
  const content = await readConfigFile(file);
  if (content === undefined)
    throw configFileInvalid(
      file,
      `does not exist (named by ${by})`,
      'Check the path, or create it with recac config init.',
    );
  return { file, data: content.data, isNamed: true, yaml: await parseConfigFile(file, content.text) };
}

async function readUnnamed(file: string): Promise<ConfigFile | undefined> {
  const content = await readConfigFile(file);
  return content === undefined
    ? undefined
    : { file, data: content.data, isNamed: false, yaml: await parseConfigFile(file, content.text) };
}

/**
 * Many tools call their file config.yaml, so one counts as ours only when it has a top-level section that the specification puts there. Any
 * other is left alone, readable or not, valid or not.
 */
async function readSharedName(file: string): Promise<ConfigFile | undefined> {
  const content = await readConfigFile(file).catch(() => undefined);
  if (content === undefined) return undefined;
  const looksLikeOurs = /^['"]?(runner|kubernetes)['"]?[ \t]*:/m.test(content.text);
  try {
    const yaml = await parseConfigFile(file, content.text);
    const isOurs = ['runner', 'kubernetes'].some((section) => Object.hasOwn(yaml.content, section));
    return isOurs ? { file, data: content.data, isNamed: false, yaml } : undefined;
  } catch (error) {
    if (looksLikeOurs) throw error;
    return undefined;
  }
}
