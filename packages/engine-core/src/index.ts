export type { BuildOptions, BuildSecret } from './build-options.ts';
export { validateCommand } from './command.ts';
export { knownBackends, validateBackendName } from './config/backend-name.ts';
export type {
  Config,
  DockerConfig,
  KubernetesConfig,
  LocalConfig,
  RunnerConfig,
  SessionConfig,
  WorkspaceConfig,
} from './config/config.ts';
export { type ConfigIssue, configInvalid } from './config/config-issue.ts';
export { toConfigJsonSchema } from './config/config-json-schema.ts';
export type { WrittenConfig } from './config/config-schema.ts';
export { type ConfigSetting, listConfigSettings } from './config/config-setting.ts';
export { findNearest } from './config/find-nearest.ts';
export { validateNamespace, validateObjectName } from './config/kubernetes-name.ts';
export { type ConfigCheck, checkConfig, parseConfig } from './config/parse-config.ts';
export { validatePlatform } from './config/platform.ts';
export type {
  CallOptions,
  ContainerEngine,
  EngineInfo,
  EnsureImageOptions,
  EnvironmentFilter,
  ImageInfo,
  ImageProgress,
  ImageSummary,
  LocalCluster,
  PortConnection,
  StartOptions,
} from './container-engine.ts';
export {
  type DurationOptions,
  parseDuration,
  validateDurationMs,
} from './duration.ts';
export type { CapabilityName, EngineCapabilities } from './engine-capabilities.ts';
export type {
  Environment,
  EnvironmentEvent,
  EnvironmentPhase,
  EnvironmentSpec,
  EnvironmentStatus,
  NetworkPreset,
  PullPolicy,
  ResourceAmounts,
  ResourceRequirements,
  StartEvent,
  StartPhase,
} from './environment.ts';
export { toEnvironmentName } from './environment-name.ts';
export {
  type EnvironmentVariables,
  validateEnvironmentVariables,
} from './environment-variables.ts';
export { type ErrorCode, errorCodes } from './error-code.ts';
export type {
  AttachOptions,
  Command,
  CommandOptions,
  ExecEnd,
  ExecHandle,
  ExecInfo,
  ExecOptions,
  ExecOutcome,
  ExecResult,
  KillReport,
  SpawnOptions,
  TerminalSize,
} from './exec.ts';
export { signalNumbers, toExitCode, toSignalName } from './exit-code.ts';
export { formatImageReference, type ImageReference, parseImageReference } from './image-reference.ts';
export { labelKeys, reservedLabelPrefix, validateLabels } from './labels.ts';
export { compareQuantities, parseQuantity, type Quantity, toBytes, toMillicores } from './quantity.ts';
export {
  abortedError,
  invalidArgument,
  RecacError,
  type RecacErrorOptions,
  throwIfAborted,
  unsupportedCapability,
} from './recac-error.ts';
export { validateSessionId } from './session-id.ts';
export { sha256 } from './sha256.ts';
export { validateUser } from './user.ts';
export { validateWorkingDirectory } from './working-directory.ts';
export type {
  HarvestReport,
  KeptWorkspace,
  PushOptions,
  TransferReport,
  WorkspaceMount,
  WorkspaceSeed,
  WorkspaceStorage,
  WorkspaceStrategy,
  WorkspaceStrategyName,
} from './workspace.ts';
