import { invalidArgument } from './recac-error.ts';

/** Longest duration that is accepted: 24 days, in milliseconds. JavaScript timers cannot wait for longer. */
export const maximumDurationMs = 2_073_600_000;

/** Limits of a duration. */
export interface DurationOptions {
  /** Name of the field, for the error. Default: `duration`. */
  readonly field?: string;
  /** Smallest value, in milliseconds. Default: 0. */
  readonly minimumMs?: number;
}

const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;
const shape = /^(?:([\d.]+)d)?(?:([\d.]+)h)?(?:([\d.]+)m)?(?:([\d.]+)s)?(?:([\d.]+)ms)?$/;
const numberShape = /^(\d{1,12})(?:\.(\d{1,9}))?$/;
const nextStep = 'Write a number and a unit, such as 250ms, 90s, 5m or 1h30m.';

/**
 * The milliseconds of a duration such as `250ms`, `90s`, `5m`, `1h30m` or `1.5h`. Units are `d`, `h`, `m`, `s` and `ms`, each at most
 * once and the largest first; the result is exact, so what is no whole number of milliseconds is refused, as is a number without
 * a unit and everything above {@link maximumDurationMs}. Errors: `RECAC_INVALID_ARGUMENT`.
 */
export function parseDuration(text: string, options: DurationOptions = {}): number {
  const field = options.field ?? 'duration';
  if (typeof text !== 'string') throw invalidArgument(field, 'must be a text', nextStep);
  const match = shape.exec(text);
  if (match === null || text === '') throw invalidArgument(field, explainShape(text), nextStep);
  let nanoseconds = 0n;
  Object.values(unitMs).forEach((factor, index) => {
    const digits = match[index + 1];
    if (digits !== undefined) nanoseconds += toNanoseconds(digits, factor, field);
  });
  if (nanoseconds % 1_000_000n !== 0n) throw invalidArgument(field, 'must be a whole number of milliseconds', nextStep);
  const milliseconds = Number(nanoseconds / 1_000_000n);
  validateDurationMs(milliseconds, field, options);
  return milliseconds;
}

/** Checks a duration given in milliseconds: finite, whole, not negative, within the limits. Errors: `RECAC_INVALID_ARGUMENT`. */
export function validateDurationMs(
  milliseconds: number,
  field: string,
  options: Pick<DurationOptions, 'minimumMs'> = {},
): void {
  const minimumMs = options.minimumMs ?? 0;
  const unit = 'Give whole milliseconds, such as 30000.';
  if (!Number.isFinite(milliseconds)) throw invalidArgument(field, 'must be a finite number', unit);
  if (!Number.isInteger(milliseconds)) throw invalidArgument(field, 'must be a whole number of milliseconds', unit);
  if (milliseconds < 0) throw invalidArgument(field, 'must not be negative', nextStep);
  if (milliseconds < minimumMs) {
    const rule = minimumMs === 1 ? 'must be more than 0' : `must be at least ${formatDuration(minimumMs)}`;
    throw invalidArgument(field, rule, 'Choose a longer time, or leave it out for the default.');
  }
  if (milliseconds > maximumDurationMs) {
    throw invalidArgument(
      field,
      `must not exceed ${formatDuration(maximumDurationMs)}`,
      'Choose a shorter time, or leave it out for the default.',
    );
  }
}

/** A number of milliseconds, rounded to a whole one, in the form that {@link parseDuration} reads: `1h30m`, `250ms`, `0s`. */
export function formatDuration(milliseconds: number): string {
  let rest = Math.round(milliseconds);
  if (!(rest > 0)) return '0s';
  let text = '';
  for (const [unit, factor] of Object.entries(unitMs)) {
    const amount = Math.floor(rest / factor);
    rest -= amount * factor;
    if (amount > 0) text += `${amount}${unit}`;
  }
  return text;
}

function toNanoseconds(digits: string, factorMs: number, field: string): bigint {
  const match = numberShape.exec(digits);
  if (match === null)
    throw invalidArgument(
      field,
      `has the number ${JSON.stringify(digits.slice(0, 40))}, which is not one or is too long`,
      nextStep,
    );
  const billionths = BigInt((match[1] ?? '0') + (match[2] ?? '').padEnd(9, '0'));
  const scaled = billionths * BigInt(factorMs);
  if (scaled % 1_000n !== 0n) throw invalidArgument(field, 'must be a whole number of milliseconds', nextStep);
  return scaled / 1_000n;
}

function explainShape(text: string): string {
  if (text.trim() === '') return 'must not be empty';
  if (/^\s*-/.test(text)) return 'must not be negative';
  if (/^\d+(\.\d+)?$/.test(text)) return `needs a unit (${JSON.stringify(text)} could be seconds or minutes)`;
  return `is no duration: ${JSON.stringify(text.slice(0, 80))}`;
}
