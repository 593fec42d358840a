/**
 * Every code a `RecacError` can carry. The codes are API: they are stable, messages are not.
 * `docs/errors.md` has one heading per code with its causes and the next step.
 */
export const errorCodes = [
  /** The configuration file, environment or a flag fails the schema; `details.issues[] { path, rule, message }`. */
  'RECAC_CONFIG_INVALID',
  /** A call got an argument that breaks a rule of the contract, found before anything started; `details { field, rule }`. */
  'RECAC_INVALID_ARGUMENT',
  /** The daemon or cluster cannot be reached; `details.tried`. */
  'RECAC_ENGINE_UNAVAILABLE',
  /** The package of the configured backend is not installed; `details.package`. */
  'RECAC_ENGINE_NOT_INSTALLED',
  /** 401, 403 or a file system refusal; `details { verb, resource, namespace }` where known. */
  'RECAC_PERMISSION_DENIED',
  /** Something was asked that the engine's capabilities declare it cannot do; `details.capability`. */
  'RECAC_CAPABILITY_UNSUPPORTED',
  /** The image does not exist where it was looked for. */
  'RECAC_IMAGE_NOT_FOUND',
  /** The image exists or may exist, but could not be pulled. */
  'RECAC_IMAGE_PULL_FAILED',
  /** The image could not be built. */
  'RECAC_IMAGE_BUILD_FAILED',
  /** The environment was created, then failed or died before it was ready; `details.reason`. */
  'RECAC_ENVIRONMENT_START_FAILED',
  /** The environment was not ready within its limit; `details { phase, reason, elapsedMs }`. */
  'RECAC_ENVIRONMENT_START_TIMEOUT',
  /** No environment with this id or session id exists (any more). */
  'RECAC_ENVIRONMENT_NOT_FOUND',
  /** The name of the environment is taken by a living environment or by something that is not ours. */
  'RECAC_ENVIRONMENT_CONFLICT',
  /** The command channel broke or gave no status. Never used for a command that exited non-zero. */
  'RECAC_EXEC_FAILED',
  /** No record of this exec id exists in the environment (any more). */
  'RECAC_EXEC_NOT_FOUND',
  /** The workspace cannot be reached or is not what it should be. */
  'RECAC_WORKSPACE_UNAVAILABLE',
  /** Both sides changed the same thing, or two sessions want the same workspace. */
  'RECAC_WORKSPACE_CONFLICT',
  /** A git command of ours failed. */
  'RECAC_WORKSPACE_GIT_FAILED',
  /** An `AbortSignal` fired before there was a result to report; the error's `name` is `AbortError`. */
  'RECAC_ABORTED',
  /** A defect in recac itself. */
  'RECAC_INTERNAL',
] as const;

/** One of {@link errorCodes}. */
export type ErrorCode = (typeof errorCodes)[number];
