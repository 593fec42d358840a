import type { Config, ContainerEngine } from '@recac/engine-core';
import { loadEngine } from '@recac/session';
import type { SettingFlags } from './config-overrides.ts';
import { refuseForeignFlags } from './foreign-flags.ts';
import { importEngine } from './import-engine.ts';
import { loadCommandConfig } from './load-command-config.ts';
import type { EngineOptions } from './options/common-options.ts';

/** An engine and the configuration it came from. The caller closes the engine. */
export interface OpenEngine {
  /** The engine, not yet connected. */
  readonly engine: ContainerEngine;
  /** The configuration. */
  readonly config: Config;
  /** Somebody set `session.lease`: a flag, a variable or a file. */
  readonly isLeaseChosen: boolean;
}

/**
 * The engine that flags and configuration name; packages are looked up from the installation of recac. Errors: those of `loadConfig`, `loadEngine` and
 * `refuseForeignFlags`.
 */
export async function openEngine(options: EngineOptions & SettingFlags): Promise<OpenEngine> {
  const { config, values } = await loadCommandConfig(options);
  const lease = values.find(({ path }) => path === 'session.lease');
  const engine = await loadEngine(config, { importPackage: importEngine });
  try {
    refuseForeignFlags(options, engine.backend);
  } catch (error) {
    await engine.close();
    throw error;
  }
  return { config, engine, isLeaseChosen: lease !== undefined && lease.origin.type !== 'default' };
}
