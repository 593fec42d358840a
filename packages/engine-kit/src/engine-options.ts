import { invalidArgument, validateDurationMs } from '@recac/engine-core';

/** Settings of an engine; each has a default that suits nearly everyone. */
export interface EngineOptions {
  /** Commands at one time in one environment for each user; further ones wait in order. Default: 64. */
  readonly maxLanes?: number;
  /** How long an idle command lane beyond the first is kept, in milliseconds. Default: 10 000. */
  readonly idleLaneMs?: number;
  /** Bytes of each stream of a command that are recorded in the environment; the rest is counted and dropped. Default: 4 GiB. */
  readonly recordLimitBytes?: number;
  /** Longest time without a connection until a running command counts as `lost`, in milliseconds. Default: 300 000. */
  readonly reconnectMs?: number;
}

/** The options, with the defaults for what is not given. Errors: `RECAC_INVALID_ARGUMENT` naming the option. */
export function withDefaults(options: EngineOptions): Required<EngineOptions> {
  const { maxLanes = 64, idleLaneMs = 10_000, recordLimitBytes = 4 * 1_073_741_824, reconnectMs = 300_000 } = options;
  validateCount(maxLanes, 'maxLanes');
  validateCount(recordLimitBytes, 'recordLimitBytes');
  validateDurationMs(idleLaneMs, 'idleLaneMs');
  validateDurationMs(reconnectMs, 'reconnectMs');
  return { maxLanes, idleLaneMs, recordLimitBytes, reconnectMs };
}

function validateCount(count: number, field: string): void {
  if (!Number.isSafeInteger(count) || count < 1)
    throw invalidArgument(field, 'must be a whole number of at least 1', 'Leave it out for the default.');
}
