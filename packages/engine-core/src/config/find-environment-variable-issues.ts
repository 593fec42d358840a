import { validateEnvironmentVariables } from '../environment-variables.ts';
import { RecacError } from '../recac-error.ts';
import { readRule } from './check-with.ts';
import type { ConfigIssue } from './config-issue.ts';
import { formatPath } from './format-path.ts';
import { readPath } from './read-path.ts';

/** Variables of `session.env` that no process can receive: one problem for each, then one for all together. */
export function findEnvironmentVariableIssues(written: unknown): readonly ConfigIssue[] {
  const variables = readPath(written, ['session', 'env']);
  if (typeof variables !== 'object' || variables === null || Array.isArray(variables)) return [];
  const texts = Object.entries(variables).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const issues = texts.flatMap(([name, value]) => check({ [name]: value }, ['session', 'env', name]));
  return issues.length > 0 ? issues : check(Object.fromEntries(texts), ['session', 'env']);
}

function check(variables: Readonly<Record<string, string>>, keys: readonly string[]): readonly ConfigIssue[] {
  try {
    validateEnvironmentVariables(variables);
    return [];
  } catch (error) {
    if (!RecacError.isInstance(error)) throw error;
    const { rule, nextStep } = readRule(error);
    const path = formatPath(keys);
    return [{ path, rule, message: `${path} ${rule}. ${nextStep}` }];
  }
}
