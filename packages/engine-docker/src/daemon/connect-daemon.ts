import process from 'node:process';
import type Dockerode from 'dockerode';
import { negotiateApiVersion } from './api-version.ts';
import type { DaemonAddress } from './daemon-address.ts';
import { DaemonAgent } from './daemon-agent.ts';
import { DaemonClient } from './daemon-client.ts';
import { toDaemonError } from './daemon-error.ts';
import { openDockerode } from './open-dockerode.ts';
import { pingDaemon } from './ping-daemon.ts';

/** Which daemon. Nothing: the one that the docker command would use. */
export interface ConnectOptions {
  /** Address, as in DOCKER_HOST. */
  readonly host?: string;
  /** Name of a docker context. */
  readonly context?: string;
}

/** A daemon that answered. */
export interface ConnectedDaemon {
  /** For all calls. */
  readonly client: DaemonClient;
  /** The daemon's version: `20.10.24`. */
  readonly version: string;
  /** The version of the API that we speak with it: `1.41`. */
  readonly apiVersion: string;
  /** Where it is. */
  readonly address: DaemonAddress;
  /** It is Podman, which speaks Docker's API too. */
  readonly podman: boolean;
}

const pingDeadlineMs = 10_000;

/** Finds the daemon, asks it for a sign of life and agrees on a version of the API. */
export async function connectDaemon(options: ConnectOptions, signal: AbortSignal): Promise<ConnectedDaemon> {
  const address = { host: options.host ?? process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock', source: 'default' };
  const agent = new DaemonAgent(address);
  const endpoint = address.host;
  try {
    const loading = import('dockerode');
    loading.catch(() => {});
    const ping = await pingDaemon(agent, AbortSignal.any([signal, AbortSignal.timeout(pingDeadlineMs)]));
    const apiVersion = negotiateApiVersion(ping.apiVersion, endpoint);
    const { default: Docker } = await loading;
    const client = new DaemonClient({
      docker: openDockerode(Docker as typeof Dockerode, agent, apiVersion),
      agent,
      endpoint,
    });
    const version =
      ping.version ?? (await client.call('asking for the version', () => client.docker.version(), { signal })).Version;
    return { client, version, apiVersion, address, podman: ping.podman };
  } catch (error) {
    agent.destroy();
    throw toDaemonError(error, 'connecting', endpoint);
  }
}
