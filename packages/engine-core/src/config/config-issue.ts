import { RecacError } from '../recac-error.ts';

/** One problem of a configuration. */
export interface ConfigIssue {
  /** Dotted path of the key, such as `kubernetes.namespace`. Empty for the configuration as a whole. */
  readonly path: string;
  /** The rule that is broken, to be read after the path: `must not be empty`. */
  readonly rule: string;
  /** Path, rule and next step, as sentences for people. Never holds a value of `session.env`. */
  readonly message: string;
  /** The key or value that was probably meant. Default: none. */
  readonly suggestion?: string;
}

/** The error `RECAC_CONFIG_INVALID` for some problems: all of them in the message, and in `details.issues`. */
export function configInvalid(issues: readonly ConfigIssue[], cause?: unknown): RecacError {
  const [first] = issues;
  const message =
    issues.length === 1 && first !== undefined
      ? first.message
      : [
          `the configuration has ${issues.length} problems. Correct them:`,
          ...issues.map((issue) => issue.message),
        ].join('\n  - ');
  return new RecacError('RECAC_CONFIG_INVALID', message, { cause, details: { issues } });
}
