export { blockedRanges4, blockedRanges6, loopbackRange4 } from './blocked-ranges.ts';
export { compareEnvironments } from './compare-environments.ts';
export { createEngine } from './create-engine.ts';
export { Deadline, delay } from './deadline.ts';
export type {
  CreateContext,
  DriverContext,
  DriverEnvironment,
  DriverFilter,
  EngineDriver,
  LanePlace,
  ProcessSpec,
  RawExit,
  RawProcess,
} from './engine-driver.ts';
export type { EngineOptions } from './engine-options.ts';
export { environmentNotFound } from './environment-not-found.ts';
export { findListenerScript } from './find-listener-script.ts';
export { http } from './http.ts';
export { toExecRefusal } from './lane/exec-lane.ts';
export { quoteForShell } from './lane/shell-quoting.ts';
export { leaseWatchScript } from './lease.ts';
export { Limiter } from './limiter.ts';
export { orAborted } from './or-aborted.ts';
export { readOwner } from './owner.ts';
export { PhaseClock } from './phase-clock.ts';
export { toPlainText } from './plain-text.ts';
export { Redactor } from './redactor.ts';
export { type ResolvedUser, resolveUser } from './resolve-user.ts';
export { type ProcessOutcome, runProcess } from './run-process.ts';
export { defaultPendingTimeoutMs } from './start-environment.ts';
export { OutputStream } from './stream/output-stream.ts';
export { readLine } from './stream/read-line.ts';
export { parseUserFiles, type UserFiles, userFilesScript } from './user-files.ts';
