import { invalidArgument, type RecacError } from './recac-error.ts';

/** An amount in Kubernetes' spelling, read exactly. */
export interface Quantity {
  /** As it was written. */
  readonly text: string;
  /** The amount in billionths: `1` is 1 000 000 000n, `1Gi` is 2^30 times that. */
  readonly nano: bigint;
}

const nanoPerUnit = 1_000_000_000n;
const maximumNano = (2n ** 63n - 1n) * nanoPerUnit;
const suffixNano: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  '': nanoPerUnit,
  k: nanoPerUnit * 10n ** 3n,
  M: nanoPerUnit * 10n ** 6n,
  G: nanoPerUnit * 10n ** 9n,
  T: nanoPerUnit * 10n ** 12n,
  P: nanoPerUnit * 10n ** 15n,
  E: nanoPerUnit * 10n ** 18n,
  Ki: nanoPerUnit << 10n,
  Mi: nanoPerUnit << 20n,
  Gi: nanoPerUnit << 30n,
  Ti: nanoPerUnit << 40n,
  Pi: nanoPerUnit << 50n,
  Ei: nanoPerUnit << 60n,
};
const shape = /^\+?(\d{0,30})(?:\.(\d{0,30}))?([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d{1,3})?$/;
const nextStep = 'Write a number and a suffix of Kubernetes, such as 500m, 2, 512Mi or 1Gi.';

/**
 * Reads a Kubernetes quantity exactly: digits with an optional fraction, then one of `n u m k M G T P E Ki Mi Gi Ti Pi Ei` or an
 * exponent such as `e3`. Refused: negative amounts, amounts above 2^63-1, and parts finer than a billionth, which Kubernetes would round.
 * Errors: `RECAC_INVALID_ARGUMENT`.
 */
export function parseQuantity(text: string, field = 'quantity'): Quantity {
  if (typeof text !== 'string') throw invalidArgument(field, 'must be a text', nextStep);
  const match = shape.exec(text);
  const whole = match?.[1] ?? '';
  const fraction = match?.[2] ?? '';
  if (match === null || whole + fraction === '') throw invalidShape(text, field);
  const { multiplier, divisor } = toScale(match[3] ?? '');
  const scaled = BigInt(whole + fraction) * multiplier;
  const scale = 10n ** BigInt(fraction.length) * divisor;
  if (scaled > maximumNano * scale) throw invalidArgument(field, 'must not exceed 2^63-1', nextStep);
  if (scaled % scale !== 0n) throw invalidArgument(field, 'must not be finer than a billionth', nextStep);
  return { text, nano: scaled / scale };
}

/** Negative when `left` is smaller, positive when it is larger, 0 when both are the same amount however written. */
export function compareQuantities(left: Quantity, right: Quantity): number {
  if (left.nano === right.nano) return 0;
  return left.nano < right.nano ? -1 : 1;
}

/** The quantity as whole bytes, rounded up as Kubernetes does. Above 2^53-1 the number is not exact. */
export function toBytes(quantity: Quantity): number {
  return Number(divideUp(quantity.nano, nanoPerUnit));
}

/** The quantity as thousandths of a CPU, rounded up as Kubernetes does. */
export function toMillicores(quantity: Quantity): number {
  return Number(divideUp(quantity.nano, 1_000_000n));
}

function toScale(suffix: string): { readonly multiplier: bigint; readonly divisor: bigint } {
  const multiplier = suffixNano[suffix];
  if (multiplier !== undefined) return { multiplier, divisor: 1n };
  const exponent = Number(suffix.slice(1));
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0 ? { multiplier: nanoPerUnit, divisor: power } : { multiplier: nanoPerUnit * power, divisor: 1n };
}

function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

function invalidShape(text: string, field: string): RecacError {
  if (text.trim() === '') return invalidArgument(field, 'must not be empty', nextStep);
  if (/^\s*-/.test(text)) return invalidArgument(field, 'must not be negative', nextStep);
  const suggestion = suggestQuantity(text);
  const rule = `is no quantity: ${JSON.stringify(text.slice(0, 80))}`;
  return invalidArgument(field, rule, suggestion === undefined ? nextStep : `Did you mean ${suggestion}?`);
}

function suggestQuantity(text: string): string | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgtpe])?(i)?b?(?:ytes?)?\s*$/i.exec(text);
  if (match === null) return undefined;
  const letter = match[2]?.toUpperCase();
  if (letter === undefined) return match[1];
  return `${match[1]}${letter === 'K' && match[3] === undefined ? 'k' : letter}${match[3] === undefined ? '' : 'i'}`;
}
