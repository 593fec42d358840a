import { type OtherWork, parseOtherWork } from './other-work.ts';

/** What an environment says of branches, tags and stashes. */
export interface OtherWorkList {
  /** Those that it sends. */
  readonly found: readonly OtherWork[];
  /** Its repository is the one that the session began with, so that one of the same name is the same, gone on. */
  readonly isSame: boolean;
  /** It has no others. */
  readonly isComplete: boolean;
  /** What is left out and why, for people. Default: nothing. */
  readonly leftOut?: string;
}

/** Most names that are told. */
const mostTold = 5;

/** Reads the lines of an environment: `same`, `OBJECT NAME`, `damaged NAME`, `short NAME` and `more NUMBER`. What is none of these counts as a name that cannot be kept here. */
export function parseOtherWorkList(lines: readonly string[]): OtherWorkList {
  const rows = lines.filter((line) => line !== 'same');
  const found = rows.map(parseOtherWork).filter((other) => other !== undefined);
  const match = (pattern: RegExp): readonly string[] => rows.flatMap((row) => pattern.exec(row)?.[1] ?? []);
  const damaged = match(/^damaged (.*)$/s);
  const short = match(/^short refs\/(.*)$/s);
  const more = match(/^more (\d{1,9})$/);
  const wrong = rows.length - found.length - damaged.length - short.length - more.length;
  const isSame = lines.includes('same');
  const shown = short.slice(0, mostTold).map((name) => name.replace(/\p{C}/gu, '?').slice(0, 200));
  const rest = short.length > shown.length ? ` and ${short.length - shown.length} more` : '';
  const reasons = [
    ...(short.length === 0 ? [] : [`${shown.join(', ')}${rest} (history cut short)`]),
    ...more.map((number) => `${Number(number)} that are too many`),
    ...(wrong === 0 ? [] : [`${wrong} with names that cannot be kept here`]),
  ];
  return {
    found,
    isSame,
    isComplete: isSame && found.length === rows.length,
    ...(reasons.length === 0
      ? {}
      : { leftOut: `of its branches, tags and stashes were left out: ${reasons.join(', ')}` }),
  };
}
