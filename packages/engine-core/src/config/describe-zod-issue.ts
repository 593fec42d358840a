import type { z } from 'zod';
import type { RuleParameters } from './check-with.ts';
import type { ConfigIssue } from './config-issue.ts';
import { listConfigSections, listConfigSettings } from './config-setting.ts';
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
      return [describeType(keys, value, 'quantity')];
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
  const elsewhere = [...listConfigSettings().map((setting) => setting.path), ...listConfigSections()];
  const exact = elsewhere.filter((path) => path.split('.').at(-1) === findNearest(key, [path.split('.').at(-1) ?? '']));
  return exact.find((path) => path.startsWith(prefix)) ?? exact[0];
}

function listKeysOf(section: string): readonly string[] {
  const prefix = section === '' ? '' : `${section}.`;
  const inside = listConfigSettings().filter((setting) => setting.path.startsWith(prefix));
  return [...new Set(inside.map((setting) => setting.path.slice(prefix.length).split('.')[0] ?? ''))];
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
  const isScalar = typeof value === 'number' || typeof value === 'boolean';
  if (!isScalar) return toIssue(keys, `must be text, not ${found}`, 'Write one text.');
  const shown = isSecret ? '"…"' : JSON.stringify(String(value));
  return toIssue(keys, `must be text, not ${found}`, `Put it in quotes: ${formatPath(keys.slice(-1))}: ${shown}.`);
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
