import type { ContainerEngine } from '@recac/engine-core';
import { createEngine, type EngineOptions } from '@recac/engine-kit';
import { defaultStateDirectory, LocalDriver } from './local-driver.ts';
import { detectPlatform, type LocalPlatform } from './local-platform.ts';

/** Settings of a local engine. */
export interface LocalEngineOptions extends EngineOptions {
  /** Absolute directory for the environments. Default: `/var/lib/recac/local` for root, else `recac/local` in the user's state directory. */
  readonly stateDirectory?: string;
  /** POSIX shell of the command lanes, as argv; no start-up files may run (`bash` needs `--norc`: it reads them when its
   * stdin is a socket). Default: `['sh']`. */
  readonly shell?: readonly string[];
  /** What to assume of the machine, instead of looking. Default: looked up. */
  readonly platform?: LocalPlatform;
}

/** An engine over child processes of this machine. It isolates nothing: commands can do all that its user can. Does no I/O. */
export function createLocalEngine(options: LocalEngineOptions = {}): ContainerEngine {
  const {
    stateDirectory = defaultStateDirectory(),
    shell = ['sh'],
    platform = detectPlatform(),
    ...engineOptions
  } = options;
  return createEngine(new LocalDriver({ stateDirectory, shell, platform }), engineOptions);
}
