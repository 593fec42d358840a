import { homedir } from 'node:os';
import { loadConfig } from '@recac/session';
import { type SettingFlags, toOverrides } from './config-overrides.ts';
import type { CommonOptions } from './options/common-options.ts';

/** The configuration with the origin of every value. */
export type LoadedConfig = Awaited<ReturnType<typeof loadConfig>>;

/** Loads the configuration for a command; flags win over everything else. Errors: `RECAC_CONFIG_INVALID`, `RECAC_INVALID_ARGUMENT`. */
export function loadCommandConfig(options: CommonOptions & SettingFlags): Promise<LoadedConfig> {
  return loadConfig({
    workingDirectory: process.cwd(),
    environment: process.env,
    homeDirectory: homedir(),
    ...(options.config === undefined ? {} : { configPath: options.config }),
    overrides: toOverrides(options),
  });
}
