import type { ContainerEngine, Environment, WorkspaceStrategy } from '@recac/engine-core';
import type { ConformanceLimits, DescribeFunction, TestFunction } from '../conformance-options.ts';

/** Where a strategy under test works. */
export interface WorkspacePlace {
  /** The engine of the environments. */
  readonly engine: ContainerEngine;
  /** The project, a directory of this machine. */
  readonly directory: string;
  /** A directory that lives as long as the project, for what the strategy remembers. */
  readonly stateDirectory: string;
}

/** A strategy under test. */
export interface WorkspaceUnderTest {
  /** The strategy. */
  readonly strategy: WorkspaceStrategy;
  /** Brings the work all the way into the project: `pull`, and for a strategy that keeps it aside the step that applies it. Gives the paths that both sides changed. */
  readonly bringBack: (environment: Environment) => Promise<readonly string[]>;
}

/** What {@link workspaceConformance} needs. */
export interface WorkspaceConformanceOptions {
  /** The runner's `describe`. */
  readonly describe: DescribeFunction;
  /** The runner's `test`. */
  readonly test: TestFunction;
  /** Makes a fresh engine. */
  readonly createEngine: () => ContainerEngine;
  /** Makes a strategy. Called again for the same place it stands for another process. */
  readonly createWorkspace: (place: WorkspacePlace) => WorkspaceUnderTest | Promise<WorkspaceUnderTest>;
  /** Image with a POSIX `sh`, the tools of busybox and what the strategy needs. Required where `capabilities.images`. Default: none. */
  readonly image?: string;
  /** Both sides see one directory, so cases about two copies are left out. Default: false. */
  readonly sharesDirectory?: boolean;
  /** How patient the suite is. */
  readonly limits?: ConformanceLimits;
}
