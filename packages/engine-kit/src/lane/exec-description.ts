import { Buffer } from 'node:buffer';

/** What a record says about its command beside what happened to it. */
export interface ExecDescription {
  /** argv for people. */
  readonly command: readonly string[];
  /** When it was requested, by the client's clock. */
  readonly startedAt: Date;
}

const longestArgument = 200;
const mostArguments = 32;

function shorten(argument: string | Uint8Array): string {
  const text = typeof argument === 'string' ? argument : Buffer.from(argument).toString('utf8');
  return text.length <= longestArgument ? text : `${text.slice(0, longestArgument)}…`;
}

/** The description as one word of shell source. */
export function encodeDescription(command: readonly (string | Uint8Array)[], startedAt: Date): string {
  const shown = command.slice(0, mostArguments).map(shorten);
  return Buffer.from(JSON.stringify([startedAt.getTime(), ...shown])).toString('base64url');
}

/** The inverse of {@link encodeDescription}; text that is not one gives an empty command at time 0. */
export function decodeDescription(text: string): ExecDescription {
  try {
    const [time, ...command] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as [number, ...string[]];
    const startedAt = new Date(Number(time));
    return { command: command.map(String), startedAt: Number.isNaN(startedAt.getTime()) ? new Date(0) : startedAt };
  } catch {
    return { command: [], startedAt: new Date(0) };
  }
}
