import type { Config, ContainerEngine } from '@recac/engine-core';
import { loadEngine } from '@recac/session';
import type { SettingFlags } from './config-overrides.ts';
import { loadCommandConfig } from './load-command-config.ts';
import type { EngineOptions } from './options/common-options.ts';

/** An engine and the configuration it came from. The caller closes the engine. */
export interface OpenEngine {
  /** The engine, not yet connected. */
  readonly engine: ContainerEngine;
  /** The configuration. */
  readonly config: Config;
}

/** The engine that flags and configuration name; packages are looked up from the installation of recac. Errors: those of `loadConfig` and `loadEngine`. */
export async function openEngine(options: EngineOptions & SettingFlags): Promise<OpenEngine> {
  const { config } = await loadCommandConfig(options);
  return { config, engine: await loadEngine(config, { importPackage: (name) => import(name) }) };
}
