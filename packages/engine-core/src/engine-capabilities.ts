/**
 * What an engine can and cannot do. Callers and the conformance suite read this, and nothing else,
 * to know what to expect: what is declared `false` raises `RECAC_CAPABILITY_UNSUPPORTED`, it never
 * half-works and is never silently ignored.
 */
export interface EngineCapabilities {
  /** What separates a command from the machine it runs on. `none` means: nothing does. */
  readonly isolation: 'none' | 'container' | 'virtual-machine';
  /**
   * Commands outlive the client, keep a record of output and exit, and can be attached to from any process.
   * A slow reader never holds up a command, and argv and variables may hold any bytes. When false, `attachExec`, `listExecs` and `ExecHandle.detach` are unsupported and a broken line is `lost`,
   * bytes that are not UTF-8 are refused, and a command waits for its reader.
   */
  readonly durableExec: boolean;
  /** A process that left its process group (`setsid`) is still found and killed on cancel and timeout. */
  readonly escapeeSweep: boolean;
  /**
   * `execAsUser`, `ExecOptions.user`, and `EnvironmentSpec.user`. Where another user takes root inside and a program of the image, as on Kubernetes, an environment
   * without them raises `RECAC_CAPABILITY_UNSUPPORTED` all the same, with the remedy.
   */
  readonly execAsUser: boolean;
  /** `SpawnOptions.terminal` and `ExecHandle.resize`. */
  readonly terminal: boolean;
  /** `EnvironmentSpec.image`, `pullPolicy` and `platform`, and `ensureImage`. */
  readonly images: boolean;
  /** `listImages`. */
  readonly listImages: boolean;
  /** `buildImage`. */
  readonly buildImage: boolean;
  /** `renderEnvironment`. */
  readonly renderEnvironment: boolean;
  /** `openPort`. */
  readonly openPort: boolean;
  /** `EnvironmentSpec.resources`. */
  readonly resourceLimits: boolean;
  /** `EnvironmentSpec.network` other than `open`. */
  readonly networkPresets: boolean;
  /** Workspace mounts of type `bind`. */
  readonly bindMount: boolean;
  /** Workspaces that outlive their environment: `WorkspaceMount.outlives`, mounts of type `kept`, `listKeptWorkspaces` and `removeKeptWorkspace`. */
  readonly keptWorkspaces: boolean;
  /** Workspace mounts of type `persistentVolumeClaim`. */
  readonly persistentVolumeClaimMount: boolean;
}

/** The name of one capability, as it appears in `details.capability` of an unsupported error. */
export type CapabilityName = keyof EngineCapabilities;
