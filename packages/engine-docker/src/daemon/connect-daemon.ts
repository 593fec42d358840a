import { abortedError, throwIfAborted } from '@recac/engine-core';
import type Dockerode from 'dockerode';
import { negotiateApiVersion } from './api-version.ts';
import { locateClient } from './client-address.ts';
import type { DaemonAddress } from './daemon-address.ts';
import { DaemonClient } from './daemon-client.ts';
import { readLocateEnvironment } from './docker-directory.ts';
import { type LocatedDaemon, locateDaemon } from './locate-daemon.ts';
import { openDockerode } from './open-dockerode.ts';

/** Which daemon. Nothing: the one that the docker command would use. */
export interface ConnectOptions {
  /** Address, as in DOCKER_HOST. */
  readonly host?: string;
  /** Name of a docker context. */
  readonly context?: string;
  /** A dockerode of the caller's, which stays the caller's: used as it is, never closed. Not together with the other two. */
  readonly client?: Dockerode;
}

/** A daemon that answered. */
export interface ConnectedDaemon {
  /** For all calls. */
  readonly client: DaemonClient;
  /** The daemon's version: `20.10.24`. */
  readonly version: string;
  /** Where it is. */
  readonly address: DaemonAddress;
}

/** Finds the daemon, asks it for a sign of life and agrees on a version of the API. */
export async function connectDaemon(options: ConnectOptions, signal: AbortSignal): Promise<ConnectedDaemon> {
  throwIfAborted(signal, 'connecting to the daemon');
  const locating = locate(options, signal);
  // Loading takes 80 ms or more, in which the daemon answers.
  const loading = options.client ? undefined : import('dockerode');
  loading?.catch(() => {});
  try {
    const { address, agent, ping } = await locating;
    try {
      const apiVersion = negotiateApiVersion(ping.apiVersion, address.host);
      const docker = options.client ?? openDockerode((await loading)?.default as typeof Dockerode, agent, apiVersion);
      const client = new DaemonClient({
        docker,
        agent,
        endpoint: address.host,
        podman: ping.podman,
        ...(address.tls ? { tls: address.tls } : {}),
      });
      const version = ping.version ?? (await askVersion(client, signal));
      return { client, version, address };
    } catch (error) {
      agent.destroy();
      throw error;
    }
  } catch (error) {
    if (signal.aborted) throw abortedError('connecting to the daemon', signal.reason);
    throw error;
  }
}

function locate({ client, ...choice }: ConnectOptions, signal: AbortSignal): Promise<LocatedDaemon> {
  if (client) return locateClient(client, choice, signal);
  return locateDaemon(choice, readLocateEnvironment(), signal);
}

/** For daemons behind a proxy that takes the header with the version away. */
async function askVersion(client: DaemonClient, signal: AbortSignal): Promise<string> {
  const { Version: version } = await client.get<{ readonly Version: string }>('asking for the version', '/version', {
    signal,
  });
  return version;
}
