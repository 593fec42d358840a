import { z } from 'zod';
import { type DurationOptions, parseDuration } from '../duration.ts';
import { checkWith } from './check-with.ts';

const durationPattern = '^([0-9.]+d)?([0-9.]+h)?([0-9.]+m)?([0-9.]+s)?([0-9.]+ms)?$';

/** A duration such as `5m`, checked by `parseDuration`; the written text is kept. */
export function durationField(options: DurationOptions = {}): z.ZodString {
  const check = checkWith((text: string, field) => parseDuration(text, { ...options, field }));
  return z.string().superRefine(check).meta({ pattern: durationPattern });
}

/** A duration, or `none` for no limit. */
export function durationOrNoneField(options: DurationOptions = {}): z.ZodString {
  const check = checkWith((text: string, field) => (text === 'none' ? 0 : parseDuration(text, { ...options, field })));
  return z
    .string()
    .superRefine(check)
    .meta({ pattern: `^none$|${durationPattern}` });
}
