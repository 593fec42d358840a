import {
  type ConfigIssue,
  type ConfigSetting,
  configInvalid,
  findNearest,
  listConfigSettings,
} from '@recac/engine-core';
import type { ConfigLayer } from './config-layer.ts';

/** The variable that sets a setting: `RECAC_SESSION_IDLE_TIMEOUT` for `session.idle_timeout`. Maps such as `session.env` and lists of sections have none. */
export function toVariableName(setting: ConfigSetting): string | undefined {
  return setting.kind === 'map' || setting.kind === 'sections' ? undefined : toName(setting.path);
}

function toName(path: string): string {
  return `RECAC_${path.toUpperCase().replaceAll('.', '_')}`;
}

/**
 * The settings that environment variables make; the texts of a list are separated by commas. Empty variables count as not set; variables that belong to no setting are left alone, unless
 * they look like a slip of one, or name one that has no variable. Errors: `RECAC_CONFIG_INVALID`.
 */
export function readEnvironmentLayer(environment: Readonly<Record<string, string | undefined>>): ConfigLayer {
  const settings = new Map(listConfigSettings().map((setting) => [toVariableName(setting), setting]));
  refuseSlips(
    environment,
    [...settings.keys()].filter((name) => name !== undefined),
  );
  return [...settings].flatMap(([variable, setting]) => {
    const text = variable === undefined ? undefined : environment[variable];
    if (variable === undefined || text === undefined || text === '') return [];
    const origin = { type: 'environment', variable } as const;
    return [{ keys: setting.path.split('.'), value: readText(setting, text), origin }];
  });
}

/** What a variable's text stands for in a file. */
function readText({ kind }: ConfigSetting, text: string): unknown {
  if (kind === 'count') return /^\d+$/.test(text) ? Number(text) : text;
  if (kind !== 'list') return text;
  const entries = text.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '');
}

function refuseSlips(environment: Readonly<Record<string, string | undefined>>, known: readonly string[]): void {
  const sections = new RegExp(`^RECAC_(${[...new Set(known.map((name) => name.split('_')[1]))].join('|')})_`);
  const withoutVariable = listConfigSettings().filter((setting) => toVariableName(setting) === undefined);
  const issues = Object.keys(environment).flatMap((name): readonly ConfigIssue[] => {
    const setting = withoutVariable.find(({ path }) => toName(path) === name);
    if (setting !== undefined && environment[name]) return [describeWithoutVariable(name, setting)];
    if (!sections.test(name) || known.includes(name)) return [];
    const suggestion = findNearest(name, known);
    if (suggestion === undefined) return [];
    const rule = 'is no known variable';
    return [{ path: name, rule, message: `${name} ${rule}. Did you mean ${suggestion}?`, suggestion }];
  });
  if (issues.length > 0) throw configInvalid(issues);
}

function describeWithoutVariable(name: string, { path }: ConfigSetting): ConfigIssue {
  const rule = `is no variable: ${path} can only be written in a file`;
  return { path: name, rule, message: `${name} ${rule}. Write it there, and unset the variable.` };
}
