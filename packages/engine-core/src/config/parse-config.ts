import type { Config } from './config.ts';
import { type ConfigIssue, configInvalid } from './config-issue.ts';
import { configSchema, type WrittenConfig } from './config-schema.ts';
import { listConfigSections } from './config-setting.ts';
import { describeZodIssue } from './describe-zod-issue.ts';
import { findEnvironmentVariableIssues } from './find-environment-variable-issues.ts';
import { findResourceIssues } from './find-resource-issues.ts';
import { normalizeConfig } from './normalize-config.ts';

/** What {@link checkConfig} found: a configuration, or its problems. */
export type ConfigCheck =
  | {
      readonly ok: true;
      /** The configuration as code sees it. */
      readonly config: Config;
      /** The same as it is written, defaults filled in. */
      readonly written: WrittenConfig;
    }
  | {
      readonly ok: false;
      /** Every problem. */
      readonly issues: readonly ConfigIssue[];
    };

/**
 * The configuration of what is written: checked, defaults filled in, normalized. `undefined`, `null` and empty sections count as not
 * written. Errors: `RECAC_CONFIG_INVALID`, whose `details.issues` lists every problem.
 */
export function parseConfig(written: unknown): Config {
  const check = checkConfig(written);
  if (!check.ok) throw configInvalid(check.issues);
  return check.config;
}

/** As {@link parseConfig}, but gives the problems instead of throwing. */
export function checkConfig(written: unknown): ConfigCheck {
  const filled = withoutEmptySections(written ?? {});
  const parsed = configSchema.safeParse(filled);
  const schemaIssues = parsed.error?.issues.flatMap((issue) => describeZodIssue(issue, filled)) ?? [];
  const issues = [...schemaIssues, ...findEnvironmentVariableIssues(filled), ...findResourceIssues(filled)];
  if (!parsed.success || issues.length > 0) return { ok: false, issues };
  return { ok: true, config: normalizeConfig(parsed.data), written: parsed.data };
}

function withoutEmptySections(value: unknown, path = ''): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const sections = listConfigSections();
  const kept = Object.entries(value).flatMap(([key, inner]) => {
    const innerPath = path === '' ? key : `${path}.${key}`;
    if (!sections.includes(innerPath)) return [[key, inner] as const];
    return inner === null || inner === undefined ? [] : [[key, withoutEmptySections(inner, innerPath)] as const];
  });
  return Object.fromEntries(kept);
}
