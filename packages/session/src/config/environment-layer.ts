import { type ConfigSetting, configInvalid, findNearest, listConfigSettings } from '@recac/engine-core';
import type { ConfigLayer } from './config-layer.ts';

/** The variable that sets a setting: `RECAC_SESSION_IDLE_TIMEOUT` for `session.idle_timeout`. Maps such as `session.env` have none. */
export function toVariableName(setting: ConfigSetting): string | undefined {
  return setting.kind === 'map' ? undefined : `RECAC_${setting.path.toUpperCase().replaceAll('.', '_')}`;
}

/**
 * The settings that environment variables make. Empty variables count as not set; variables that belong to no setting are left alone, unless
 * they look like a slip of one. Errors: `RECAC_CONFIG_INVALID`.
 */
export function readEnvironmentLayer(environment: Readonly<Record<string, string | undefined>>): ConfigLayer {
  const settings = new Map(listConfigSettings().map((setting) => [toVariableName(setting), setting.path]));
  refuseSlips(
    environment,
    [...settings.keys()].filter((name) => name !== undefined),
  );
  return [...settings].flatMap(([variable, path]) => {
    const value = variable === undefined ? undefined : environment[variable];
    if (variable === undefined || value === undefined || value === '') return [];
    return [{ keys: path.split('.'), value, origin: { type: 'environment', variable } as const }];
  });
}

function refuseSlips(environment: Readonly<Record<string, string | undefined>>, known: readonly string[]): void {
  const sections = new RegExp(`^RECAC_(${[...new Set(known.map((name) => name.split('_')[1]))].join('|')})_`);
  const issues = Object.keys(environment).flatMap((name) => {
    if (!sections.test(name) || known.includes(name)) return [];
    const suggestion = findNearest(name, known);
    if (suggestion === undefined) return [];
    const rule = 'is no known variable';
    return [{ path: name, rule, message: `${name} ${rule}. Did you mean ${suggestion}?`, suggestion }];
  });
  if (issues.length > 0) throw configInvalid(issues);
}
