import type { z } from 'zod';
import type { RuleParameters } from './check-with.ts';
import type { ConfigIssue } from './config-issue.ts';
import { type ConfigSetting, listConfigSections, listConfigSettings } from './config-setting.ts';
import { findNearest } from './find-nearest.ts';
import { formatPath } from './format-path.ts';
import { readPath } from './read-path.ts';

/** A zod issue as problems that a person can act on: one for each unknown key, one for anything else. */
export function describeZodIssue(issue: z.core.$ZodIssue, written: unknown): readonly ConfigIssue[] {
  const keys = issue.path.map(String);
  const value = readPath(written, keys);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => describeUnknownKey(keys, key));
    case 'invalid_value':
      return [describeChoice(keys, value, issue.values.map(String))];
    case 'invalid_type':
      return [describeType(keys, value, issue.expected)];
    case 'invalid_union':
      return [describeUnion(keys, value)];
    case 'too_small':
      return [describeTooSmall(keys, issue)];
    case 'custom': {
      const { rule, nextStep } = issue.params as unknown as RuleParameters;
      return [toIssue(keys, rule, nextStep, /^Did you mean (.+)\?$/.exec(nextStep)?.[1])];
    }
    default:
      return [toIssue(keys, 'is not valid', `${issue.message}.`)];
  }
}

function describeUnknownKey(section: readonly string[], key: string): ConfigIssue {
  const suggestion = suggestKey(section.join('.'), key);
  const nextStep =
    suggestion === undefined
      ? `${describeSection(section)} Remove it, or see recac config schema.`
      : `Did you mean ${suggestion}?`;
  return toIssue([...section, key], 'is no known key', nextStep, suggestion);
}

function describeSection(section: readonly string[]): string {
  const names = listKeysOf(section.join('.'));
  const where = section.length === 0 ? 'The sections' : `The keys of ${section.join('.')}`;
  return `${where} are ${names.join(', ')}.`;
}

function suggestKey(section: string, key: string): string | undefined {
  const prefix = section === '' ? '' : `${section}.`;
  const sibling = findNearest(key, listKeysOf(section));
  if (sibling !== undefined) return prefix + sibling;
  if (findListOf(section) !== undefined) return undefined;
  const elsewhere = [...listConfigSettings().map((setting) => setting.path), ...listConfigSections()];
  const exact = elsewhere.filter((path) => path.split('.').at(-1) === findNearest(key, [path.split('.').at(-1) ?? '']));
  return exact.find((path) => path.startsWith(prefix)) ?? exact[0];
}

function listKeysOf(section: string): readonly string[] {
  const list = findListOf(section);
  if (list !== undefined) return list.entryKeys;
  const prefix = section === '' ? '' : `${section}.`;
  const inside = listConfigSettings().filter((setting) => setting.path.startsWith(prefix));
  return [...new Set(inside.map((setting) => setting.path.slice(prefix.length).split('.')[0] ?? ''))];
}

/** The setting whose entry this is, when it is one of a list: `kubernetes.tolerations` of `kubernetes.tolerations.0`. */
function findListOf(path: string): ConfigSetting | undefined {
  return listConfigSettings().find(({ path: list }) => list === path.replace(/\.\d+$/, '') && list !== path);
}

/** A setting that may be written in more than one way: a quantity, or choices and a whole number. */
function describeUnion(keys: readonly string[], value: unknown): ConfigIssue {
  const setting = listConfigSettings().find(({ path }) => path === keys.join('.'));
  if (value === null || setting?.kind !== 'count') return describeType(keys, value, 'quantity');
  const rule = `must be ${setting.choices.join(', ')} or a whole number, not ${describeValue(value)}`;
  const suggestion = typeof value === 'string' ? findNearest(value, setting.choices) : undefined;
  const nextStep =
    suggestion === undefined ? 'Write one of them, a number without quotes.' : `Did you mean ${suggestion}?`;
  return toIssue(keys, rule, nextStep, suggestion);
}

function describeTooSmall(keys: readonly string[], issue: z.core.$ZodIssueTooSmall): ConfigIssue {
  return issue.origin === 'string'
    ? toIssue(keys, 'must not be empty', 'Give a value, or remove it.')
    : toIssue(keys, `must be at least ${issue.minimum}`, 'Use a larger number.');
}

function describeChoice(keys: readonly string[], value: unknown, choices: readonly string[]): ConfigIssue {
  const rule = `must be one of ${choices.join(', ')}`;
  if (typeof value !== 'string') return toIssue(keys, `${rule}, not ${describeValue(value)}`, 'Use one of them.');
  const suggestion = value === 'no' && choices.includes('none') ? 'none' : findNearest(value, choices);
  return toIssue(keys, rule, suggestion === undefined ? 'Use one of them.' : `Did you mean ${suggestion}?`, suggestion);
}

function describeType(keys: readonly string[], value: unknown, expected: string): ConfigIssue {
  if (value === null) return toIssue(keys, 'has no value', 'Give one, or remove the key.');
  const isSecret = keys[0] === 'session' && keys[1] === 'env';
  const found = describeValue(value, isSecret);
  if (expected === 'object' || expected === 'record') {
    const where =
      keys.length === 0 ? 'Write sections such as runner: with keys below them.' : 'Write its keys below it, indented.';
    return toIssue(keys, `must be a section of keys, not ${found}`, where);
  }
  if (expected === 'quantity')
    return toIssue(keys, `must be a quantity, not ${found}`, 'Write a quantity such as 500m, 2 or 4Gi.');
  if (expected === 'array')
    return toIssue(keys, `must be a list, not ${found}`, 'Write its entries below it, each with "- " in front.');
  if (expected === 'number' || expected === 'int')
    return toIssue(keys, `must be a whole number, not ${found}`, 'Write it without quotes and without a fraction.');
  const isScalar = typeof value === 'number' || typeof value === 'boolean';
  if (!isScalar) return toIssue(keys, `must be text, not ${found}`, 'Write one text.');
  const shown = isSecret ? '"…"' : JSON.stringify(String(value));
  const example = findListOf(keys.join('.')) === undefined ? `${formatPath(keys.slice(-1))}: ${shown}` : `- ${shown}`;
  return toIssue(keys, `must be text, not ${found}`, `Put it in quotes: ${example}.`);
}

function describeValue(value: unknown, isSecret = false): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'nothing';
  if (typeof value === 'object') return 'a section of keys';
  if (typeof value === 'string') return 'text';
  const type = typeof value === 'boolean' ? 'true/false value' : typeof value;
  return isSecret ? `a ${type}` : `the ${type} ${String(value)}`;
}

function toIssue(keys: readonly string[], rule: string, nextStep: string, suggestion?: string): ConfigIssue {
  const path = formatPath(keys);
  const subject = path === '' ? 'the configuration' : path;
  return {
    path,
    rule,
    message: `${subject} ${rule}. ${nextStep}`,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}
