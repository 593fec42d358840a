import { validateSessionId } from './session-id.ts';
import { sha256 } from './sha256.ts';

const environmentNamePrefix = 'recac-agent-';

/**
 * Longest environment name. A Job's pods are named after it with a suffix of up to 11 characters, and a pod name
 * must fit a DNS label of 63.
 */
export const maximumEnvironmentNameLength = 52;

const hashLength = 15;
const hashAlphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const hashShape = new RegExp(`(^|-)[${hashAlphabet}]{${hashLength}}$`);
const plainShape = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const maximumPlainLength = maximumEnvironmentNameLength - environmentNamePrefix.length;

/**
 * The name of a session's environment: `recac-agent-<session-id>`, a DNS-1123 label of at most 52 characters.
 *
 * An id that is a short DNS label already is kept as it is. Any other gets its readable part and 75 bits of its SHA-256:
 * `Fix Login` gives `recac-agent-fix-login-<15 characters>`. Ids that end like such a hash are hashed as well, so a kept
 * id can never meet a hashed one: two ids never share a name. Errors: `RECAC_INVALID_ARGUMENT`.
 */
export function toEnvironmentName(sessionId: string): string {
  validateSessionId(sessionId);
  return environmentNamePrefix + (isPlain(sessionId) ? sessionId : toHashedSlug(sessionId));
}

function isPlain(sessionId: string): boolean {
  return sessionId.length <= maximumPlainLength && plainShape.test(sessionId) && !hashShape.test(sessionId);
}

function toHashedSlug(sessionId: string): string {
  const readable = sessionId
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, maximumPlainLength - hashLength - 1)
    .replace(/-$/, '');
  const hash = toHash(sessionId);
  return readable === '' ? hash : `${readable}-${hash}`;
}

function toHash(text: string): string {
  const digest = sha256(new TextEncoder().encode(text));
  let bits = digest.reduce((total, byte) => (total << 8n) | BigInt(byte), 0n);
  let hash = '';
  for (let index = 0; index < hashLength; index++) {
    hash += hashAlphabet.charAt(Number(bits & 31n));
    bits >>= 5n;
  }
  return hash;
}
