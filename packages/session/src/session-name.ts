import { randomInt } from 'node:crypto';
import { adjectives, animals } from './word-lists.ts';

/**
 * A random session name such as `brave-otter`: easy to type and to say, lower-case ASCII. Two calls may give the same name; `openSession`
 * tries again when the name is taken.
 *
 * @param pick gives an integer from 0 to `limit - 1`. Default: cryptographically random.
 */
export function generateSessionName(pick: (limit: number) => number = randomInt): string {
  return `${adjectives[pick(adjectives.length)]}-${animals[pick(animals.length)]}`;
}
