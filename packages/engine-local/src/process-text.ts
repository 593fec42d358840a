import { Buffer } from 'node:buffer';
import { unsupportedCapability } from '@recac/engine-core';

/** An argument or a value as Node passes it to a process: text. Errors: `RECAC_CAPABILITY_UNSUPPORTED` for bytes that are no UTF-8. */
export function toText(value: string | Uint8Array): string {
  if (typeof value === 'string') return value;
  const text = Buffer.from(value).toString('utf8');
  if (Buffer.from(text, 'utf8').equals(value)) return text;
  throw unsupportedCapability(
    'local',
    'durableExec',
    'Without it, arguments and variables must be UTF-8: send other bytes over stdin.',
  );
}

/** The same for each variable. */
export function toTextValues(variables: Readonly<Record<string, string | Uint8Array>>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, toText(value)]));
}
