import { invalidArgument } from './recac-error.ts';

/** Prefix of the labels that are ours; a caller's labels may not use it. */
export const reservedLabelPrefix = 'recac.dev/';

/**
 * Keys of the labels that engines put on everything they create, and rebuild their state from. Where label values are
 * restricted (Kubernetes), `session` and others that do not fit go into annotations of the same key.
 */
export const labelKeys = {
  /** `true` on everything that is ours. */
  managed: 'recac.dev/managed',
  /** The environment's name, `toEnvironmentName(sessionId)`; the one to select by. */
  name: 'recac.dev/name',
  /** The session id as the caller wrote it. */
  session: 'recac.dev/session',
  /** Who made it: an id of the user and machine, not a secret. */
  owner: 'recac.dev/owner',
  /** Lease length in milliseconds. */
  lease: 'recac.dev/lease',
  /** When it was created, as ISO 8601. */
  created: 'recac.dev/created',
  /** Absolute path of the workspace inside the environment. */
  workspace: 'recac.dev/workspace',
  /** Version of recac that made it. */
  version: 'recac.dev/version',
} as const;

const maximumNameLength = 63;
const maximumPrefixLength = 253;
const nameShape = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const prefixShape = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const reservedDomain = /(^|\.)(recac\.dev|kubernetes\.io|k8s\.io)$/;

/**
 * Checks a caller's labels against Kubernetes' rules for keys and values, on every backend alike. Keys under `recac.dev/` are
 * ours and keys under `kubernetes.io/` and `k8s.io/` are Kubernetes' (but `app.kubernetes.io/` is open to callers).
 * Errors: `RECAC_INVALID_ARGUMENT` with the field `<field>.<key>`.
 */
export function validateLabels(labels: Readonly<Record<string, string>>, field = 'labels'): void {
  for (const [key, value] of Object.entries(labels)) {
    const keyProblem = findKeyProblem(key);
    if (keyProblem !== undefined) {
      throw invalidArgument(`${field}.${key}`, keyProblem, 'Use a key such as team or example.com/team.');
    }
    const valueProblem = findValueProblem(value);
    if (valueProblem !== undefined) {
      throw invalidArgument(`${field}.${key}`, valueProblem, 'Use a short value such as web-1, or leave it empty.');
    }
  }
}

function findKeyProblem(key: string): string | undefined {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  if (name === '') return 'must have a name in its key';
  if (name.length > maximumNameLength)
    return `must have a key name of at most ${maximumNameLength} characters (it has ${name.length})`;
  if (!nameShape.test(name))
    return 'must have a key of letters, digits, "-", "_" and ".", with a letter or digit at both ends';
  if (prefix === undefined) return undefined;
  if (prefix.length > maximumPrefixLength) return `must have a key prefix of at most ${maximumPrefixLength} characters`;
  if (!prefixShape.test(prefix)) return 'must have a lower-case DNS name before the "/" of its key';
  if (prefix !== 'app.kubernetes.io' && reservedDomain.test(prefix))
    return `must not use the reserved prefix ${prefix}/`;
  return undefined;
}

function findValueProblem(value: string): string | undefined {
  if (typeof value !== 'string') return 'must have a string as its value';
  if (value.length > maximumNameLength)
    return `must have a value of at most ${maximumNameLength} characters (it has ${value.length})`;
  if (value !== '' && !nameShape.test(value)) {
    return 'must have a value of letters, digits, "-", "_" and ".", with a letter or digit at both ends';
  }
  return undefined;
}
