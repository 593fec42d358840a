import type { z } from 'zod';
import { RecacError } from '../recac-error.ts';

/** Name of the field that a check is run under; the issue's path takes its place. */
const placeholder = 'value';

/** What a check of ours adds to a zod issue: the rule that was broken and what to do. */
export interface RuleParameters {
  /** The rule, as in `must not be empty`. */
  readonly rule: string;
  /** What to do instead, a sentence. */
  readonly nextStep: string;
}

/** A zod refinement made from a function that throws `RECAC_INVALID_ARGUMENT`. */
export function checkWith<Value>(
  check: (value: Value, field: string) => unknown,
): (value: Value, context: z.RefinementCtx<Value>) => void {
  return (value, context) => {
    try {
      check(value, placeholder);
    } catch (error) {
      if (!RecacError.isInstance(error)) throw error;
      const parameters = readRule(error);
      context.addIssue({ code: 'custom', message: parameters.rule, params: { ...parameters } });
    }
  };
}

/** Rule and next step of an error that `invalidArgument` made. */
export function readRule(error: RecacError): RuleParameters {
  const rule = String(error.details.rule);
  return { rule, nextStep: error.message.slice(`${String(error.details.field)} ${rule}. `.length) };
}
