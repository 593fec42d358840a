import type { ContainerEngine } from '@recac/engine-core';
import { createEngine, type EngineOptions } from '@recac/engine-kit';
import type { Hardening } from './container/container-plan.ts';
import type { ConnectOptions } from './daemon/connect-daemon.ts';
import { DockerDriver } from './docker-driver.ts';
import type { NetworkOptions } from './network/environment-network.ts';

/** Settings of a Docker engine. None is needed. */
export interface DockerEngineOptions extends ConnectOptions, EngineOptions {
  /**
   * `full`: no capabilities, no new privileges, read-only root. `docker-default`: what `docker run` gives, for images that need root. Default: `full`.
   */
  readonly hardening?: Hardening;
  /** How the networks of environments are made: name servers, and addresses that the preset `internet` blocks beside the usual. */
  readonly network?: NetworkOptions;
}

/** Environments as containers of the daemon that the docker command would use. Does no I/O until it is used. */
export function createDockerEngine(options: DockerEngineOptions = {}): ContainerEngine {
  return createEngine(new DockerDriver({ ...options, hardening: options.hardening ?? 'full' }), options);
}
