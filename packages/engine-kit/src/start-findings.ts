import { RecacError } from '@recac/engine-core';

/** What a driver tells in the details of the error that its `create` rejects with, beside why it failed. */
export interface StartFindings {
  /** The backend's own words on where the start stood, the last ones last. */
  readonly evidence?: readonly string[];
  /** What could not be removed, and why, in whole sentences. */
  readonly cleanup?: string;
  /** Names of what could not be removed. */
  readonly left?: readonly string[];
}

/** The findings in an error; none in what is no `RecacError`. */
export function readFindings(error: unknown): StartFindings {
  if (!RecacError.isInstance(error)) return {};
  const { evidence, cleanup, left } = error.details;
  return {
    ...(isTexts(evidence) ? { evidence } : {}),
    ...(typeof cleanup === 'string' ? { cleanup } : {}),
    ...(isTexts(left) ? { left } : {}),
  };
}

/** The findings in an error of a removal. */
export function toCleanup(error: unknown): StartFindings {
  const { left } = readFindings(error);
  return { cleanup: error instanceof Error ? error.message : String(error), ...(left && { left }) };
}

/** An error with findings in its details, and with what was not removed in its message. */
export function withFindings(error: unknown, findings: StartFindings): unknown {
  if (!RecacError.isInstance(error) || Object.keys(findings).length === 0) return error;
  const { code, message, cause, details } = error;
  const { cleanup } = findings;
  const text = cleanup === undefined ? message : `${message} Not everything could be removed again: ${cleanup}`;
  return new RecacError(code, text, { cause, details: { ...details, ...findings } });
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}
