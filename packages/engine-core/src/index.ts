export { type BuildOptions } from './build-options.ts';
export type { CallOptions, ContainerEngine, EngineInfo, EnsureImageOptions, EnvironmentFilter, ImageInfo, StartOptions } from './container-engine.ts';
export type { CapabilityName, EngineCapabilities } from './engine-capabilities.ts';
export type { Environment, EnvironmentEvent, EnvironmentPhase, EnvironmentSpec, EnvironmentStatus, NetworkPreset, ResourceAmounts, ResourceRequirements, StartEvent, StartPhase } from './environment.ts';
export { type ErrorCode, errorCodes } from './error-code.ts';
export type { AttachOptions, Command, CommandOptions, ExecEnd, ExecHandle, ExecInfo, ExecOptions, ExecOutcome, ExecResult, KillReport, SpawnOptions, TerminalSize } from './exec.ts';
export { signalNumbers, toExitCode, toSignalName } from './exit-code.ts';
export { abortedError, invalidArgument, RecacError, type RecacErrorOptions, throwIfAborted, unsupportedCapability } from './recac-error.ts';
export type { HarvestReport, WorkspaceMount, WorkspaceStrategy, WorkspaceStrategyName } from './workspace.ts';
