import process from 'node:process';
import type Dockerode from 'dockerode';
import type { DaemonAgent } from './daemon-agent.ts';
import { keepRetryAfter } from './retry-after.ts';

/** What dockerode takes; its types know less. */
interface ModemOptions {
  readonly protocol: 'http';
  readonly host: string;
  readonly port: number;
  readonly pathPrefix: string;
  readonly version: string;
  readonly agent: DaemonAgent;
}

/**
 * A dockerode that speaks through `agent` and nothing else. Its modem reads DOCKER_HOST when it is made, and then DOCKER_CERT_PATH, DOCKER_TLS_VERIFY,
 * DOCKER_CLIENT_TIMEOUT and more, so that variable is away for this one synchronous step.
 */
export function openDockerode(Docker: typeof Dockerode, agent: DaemonAgent, apiVersion: string): Dockerode {
  const options: ModemOptions = {
    protocol: 'http',
    host: 'docker',
    port: 80,
    pathPrefix: '/',
    version: `v${apiVersion}`,
    agent,
  };
  const { DOCKER_HOST: host } = process.env;
  delete process.env.DOCKER_HOST;
  try {
    const docker = new Docker(options as unknown as Dockerode.DockerOptions);
    keepRetryAfter(docker);
    return docker;
  } finally {
    if (host !== undefined) process.env.DOCKER_HOST = host;
  }
}
