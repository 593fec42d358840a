import { join } from 'node:path';
import { type Config, checkConfig, configInvalid } from '@recac/engine-core';
import { configFileInvalid } from './config-error.ts';
import { type ConfigLayer, flattenSections, mergeLayers, toSections } from './config-layer.ts';
import { readEnvironmentLayer } from './environment-layer.ts';
import { type ConfigFile, findConfigFile } from './find-config-file.ts';
import { locateIssue } from './locate-issue.ts';
import { parseConfigFile } from './parse-config-file.ts';
import type { ParsedYaml } from './parse-yaml.ts';
import { readConfigFile } from './read-config-file.ts';
import { refuseLinksOutside } from './refuse-links-outside.ts';
import { refuseUntrusted } from './refuse-untrusted.ts';
import { resolvePaths } from './resolve-paths.ts';
import { type ResolvedValue, resolveValues } from './resolve-values.ts';
import { isTrustedContent } from './trust.ts';
import { userConfigDirectory } from './user-config-directory.ts';

const maximumValues = 1_000;

/** Where to look for the configuration. Nothing is taken from the process itself. */
export interface LoadConfigOptions {
  /** Directory of `recac.yaml` and start of relative paths; absolute. */
  readonly workingDirectory: string;
  /** Environment variables, as `process.env`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The user's home directory, for the user's file and `~/`. */
  readonly homeDirectory: string;
  /** The file of `--config`; it counts as trusted. Default: the usual places. */
  readonly configPath?: string;
  /** Values of flags by dotted path, such as `{ 'runner.backend': 'docker' }`; `undefined` counts as not given. Default: none. */
  readonly overrides?: Readonly<Record<string, unknown>>;
}

/** A configuration and where it comes from. */
export interface ResolvedConfig {
  /** The configuration, complete. */
  readonly config: Config;
  /** Every setting that has a value, in the order of the schema, as it is written; values of `session.env` are not shown. */
  readonly values: readonly ResolvedValue[];
  /** Absolute path of the project's file, when there is one. */
  readonly file?: string;
}

/**
 * Loads the configuration: flag, then environment (`RECAC_<SECTION>_<KEY>`), then project file, then user file, then default, setting by
 * setting. A project file that was not named by the user counts in sensitive settings only when trusted (see `sensitiveSettings`).
 * Errors: `RECAC_CONFIG_INVALID` with every problem, its place and its rule.
 */
export async function loadConfig(options: LoadConfigOptions): Promise<ResolvedConfig> {
  const project = await findConfigFile(options);
  const layers = [
    await readUserLayer(options),
    project === undefined ? [] : await readProjectLayer(project, options),
    readEnvironmentLayer(options.environment),
    ...readOverrideLayers(options.overrides ?? {}),
  ];
  const merged = mergeLayers(layers.map((layer) => resolvePaths(layer, options)));
  const check = checkConfig(toSections(merged));
  if (!check.ok) throw configInvalid(check.issues.map((issue) => locateIssue(issue, merged)));
  return {
    config: check.config,
    values: resolveValues(check.written, merged),
    ...(project === undefined ? {} : { file: project.file }),
  };
}

async function readProjectLayer(project: ConfigFile, options: LoadConfigOptions): Promise<ConfigLayer> {
  const { file, yaml } = project;
  const layer = readFileLayer('project file', file, yaml);
  if (project.isNamed) return layer;
  await refuseLinksOutside(layer, file);
  if (!(await isTrustedContent(file, project.data, options))) refuseUntrusted(layer, file);
  return layer;
}

async function readUserLayer(options: LoadConfigOptions): Promise<ConfigLayer> {
  const file = join(userConfigDirectory(options), 'config.yaml');
  const content = await readConfigFile(file);
  if (content === undefined) return [];
  if (content.worldWritable) {
    throw configFileInvalid(file, 'must not be writable by every user of this machine', `Run: chmod o-w '${file}'`);
  }
  return readFileLayer('user file', file, await parseConfigFile(file, content.text));
}

function readOverrideLayers(overrides: Readonly<Record<string, unknown>>): readonly ConfigLayer[] {
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined);
  return given.map(([path, value]) => flattenSections(value, () => ({ type: 'flag' }), path.split('.')));
}

function readFileLayer(type: 'project file' | 'user file', file: string, yaml: ParsedYaml): ConfigLayer {
  const layer = flattenSections(yaml.content, (keys) => {
    const line = yaml.findLine(keys);
    return line === undefined ? { type, file } : { type, file, line };
  });
  if (layer.length > maximumValues)
    throw configFileInvalid(file, `must not hold more than ${maximumValues} values`, 'Is it the right file?');
  return layer;
}
