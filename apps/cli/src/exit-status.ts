/** Everything went well. */
export const exitOk = 0;

/** A command other than `run`, `exec`, `attach` and `shell` failed. */
export const exitFailed = 1;

/** A command other than `run`, `exec`, `attach` and `shell` was called wrongly. */
const exitUsage = 2;

/** `run`, `exec`, `attach` or `shell` itself failed or was called wrongly; every other code is the command's own. */
export const exitRecacFailed = 125;

/** Nobody reads our stdout any more: 128 + SIGPIPE. */
export const exitBrokenPipe = 141;

const passThroughCommands: ReadonlySet<string> = new Set(['run', 'exec', 'attach', 'shell']);
const usageCodes: ReadonlySet<string> = new Set(['RECAC_INVALID_ARGUMENT', 'RECAC_CONFIG_INVALID']);

/** The exit code for an error of ours. */
export function toErrorStatus(commandName: string | undefined, errorCode: string): number {
  if (errorCode === 'RECAC_ABORTED') return 130;
  if (commandName !== undefined && passThroughCommands.has(commandName)) return exitRecacFailed;
  return usageCodes.has(errorCode) ? exitUsage : exitFailed;
}
